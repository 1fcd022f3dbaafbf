"""API Gateway's own answers, rendered."""

import json
from typing import Any

import pytest

from infra.laptop.apigateway.gateway_response import DEFAULTS, GatewayResponses, GatewayResponseType, substitute
from infra.laptop.errors import SetupError
from infra.laptop.intrinsic import Resolver
from tests.stack import template

REQUEST = {"context.requestId": "r-1", "stageVariables.colour": "blue"}


def of_the_template(**parameters: str) -> GatewayResponses:
    expanded = template()
    return GatewayResponses(expanded["Resources"]["Api"]["Properties"]["Body"], Resolver(expanded, parameters))


def written(**responses: dict[str, Any]) -> GatewayResponses:
    body = {"x-amazon-apigateway-gateway-responses": responses}
    return GatewayResponses(body, Resolver({"Resources": {}}, {}))


@pytest.mark.parametrize("kind", GatewayResponseType)
def test_every_kind_is_a_problem_document_that_names_the_request(kind: GatewayResponseType) -> None:
    answer = of_the_template().render(kind, REQUEST)
    document = json.loads(answer.body)
    assert document["status"] == answer.status
    assert document["request_id"] == "r-1"
    assert dict(answer.headers)["content-type"] == "application/problem+json"
    assert b"$" not in answer.body


def test_a_throttled_client_learns_when_to_come_back() -> None:
    assert dict(of_the_template().render(GatewayResponseType.THROTTLED, REQUEST).headers)["retry-after"] == "1"


def test_the_allowed_origin_is_in_the_errors_too() -> None:
    answer = of_the_template(CorsOrigins="https://a.example").render(GatewayResponseType.INVALID_API_KEY, REQUEST)
    assert dict(answer.headers)["access-control-allow-origin"] == "https://a.example"


def test_without_an_allowed_origin_no_error_names_one() -> None:
    assert "access-control-allow-origin" not in dict(
        of_the_template().render(GatewayResponseType.THROTTLED, REQUEST).headers
    )


@pytest.mark.parametrize("kind", GatewayResponseType)
def test_where_the_template_is_silent_api_gateway_speaks(kind: GatewayResponseType) -> None:
    answer = written().render(kind, REQUEST)
    assert answer.status == DEFAULTS[kind].status
    assert json.loads(answer.body) == {"message": DEFAULTS[kind].message}


def test_a_kind_without_its_own_response_takes_the_default_of_its_class() -> None:
    responses = written(DEFAULT_4XX={"statusCode": "418"}, DEFAULT_5XX={"statusCode": "599"})
    assert responses.render(GatewayResponseType.THROTTLED, REQUEST).status == 418
    assert responses.render(GatewayResponseType.INTEGRATION_TIMEOUT, REQUEST).status == 599


def test_a_default_without_a_status_leaves_each_kind_its_own() -> None:
    assert written(DEFAULT_4XX={}).render(GatewayResponseType.THROTTLED, REQUEST).status == 429


def test_headers_may_be_literals_or_variables() -> None:
    parameters = {
        "gatewayresponse.header.X-Id": "context.requestId",
        "gatewayresponse.header.X-Colour": "stageVariables.colour",
        "gatewayresponse.header.X-Literal": "'it''s'",
    }
    headers = dict(
        written(THROTTLED={"responseParameters": parameters}).render(GatewayResponseType.THROTTLED, REQUEST).headers
    )
    assert (headers["x-id"], headers["x-colour"], headers["x-literal"]) == ("r-1", "blue", "it''s")


def test_a_header_that_the_laptop_cannot_work_out_is_refused_at_once() -> None:
    with pytest.raises(SetupError, match=r"method\.request\.header\.Origin"):
        written(THROTTLED={"responseParameters": {"gatewayresponse.header.X": "method.request.header.Origin"}})


@pytest.mark.parametrize(
    ("text", "put"),
    [
        ("$context.requestId", "r-1"),
        ("${context.requestId}", "r-1"),
        ("at $context.requestId.", "at r-1."),
        ("$stageVariables.colour", "blue"),
        ("$context.unheard.of", "-"),
        ("$context", "$context"),
        ("$input.body $", "$input.body $"),
    ],
)
def test_variables_are_put_in_and_those_without_a_value_are_marked(text: str, put: str) -> None:
    assert substitute(text, REQUEST, missing="-") == put
