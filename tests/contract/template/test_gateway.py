"""What API Gateway itself answers and writes: errors, CORS, the access log."""

import json
import re
from typing import Any

import pytest

from fraudshield.errors import Malformed, NotFound, TooLarge, WrongMediaType
from infra.laptop.intrinsic import Resolver
from infra.laptop.template import Template
from tests.contract.expanded import Defect, Rule, of_type, planted, properties, routes, template

ORIGIN = "Access-Control-Allow-Origin"
PROBLEM_FIELDS = {"type", "title", "status", "detail", "instance", "code", "request_id", "errors", "error", "message"}
STATUS = {
    "INVALID_API_KEY": 403,
    "ACCESS_DENIED": 403,
    "WAF_FILTERED": 403,
    "MISSING_AUTHENTICATION_TOKEN": 404,
    "INVALID_SIGNATURE": 404,
    "RESOURCE_NOT_FOUND": 404,
    "REQUEST_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "THROTTLED": 429,
    "QUOTA_EXCEEDED": 429,
    "INTEGRATION_FAILURE": 502,
    "INTEGRATION_TIMEOUT": 504,
    "DEFAULT_4XX": 400,
    "DEFAULT_5XX": 502,
}
LOGGED = {
    "requestId",
    "requestTime",
    "httpMethod",
    "resourcePath",  # the route as the template writes it, without the caller's values
    "status",
    "error.responseType",
    "identity.apiKeyId",
    "responseLength",
    "responseLatency",
    "integrationLatency",
    "integrationStatus",
}


def responses(template: Template) -> dict[str, Any]:
    found: dict[str, Any] = properties(template, "Api")["Body"]["x-amazon-apigateway-gateway-responses"]
    return found


def document(template: Template, kind: str) -> Any:
    text = Resolver(template, {}).resolve(responses(template)[kind]["responseTemplates"]["application/json"])
    return json.loads(text.replace("$context.requestId", "r-1"))


def every_error_is_a_problem_document(template: Template) -> list[str]:
    problems = [kind for kind in STATUS if kind not in responses(template)]
    for kind, response in responses(template).items():
        found = document(template, kind)
        content_type = response["responseParameters"].get("gatewayresponse.header.Content-Type")
        wanted = {
            "fields": found.keys() == PROBLEM_FIELDS,
            "status": str(found.get("status")) == response["statusCode"] == str(STATUS.get(kind)),
            "code": found.get("type") == f"urn:fraudshield:problem:{found.get('code')}",
            "old fields": (found.get("error"), found.get("message")) == (found.get("title"), found.get("detail")),
            "request id": "r-1" in found.get("instance", "") and found.get("request_id") == "r-1",
            "media type": content_type == "'application/problem+json'",
        }
        problems += [f"{kind}: {what}" for what, right in wanted.items() if not right]
    return problems


def every_429_says_when_to_come_back(template: Template) -> list[str]:
    return [
        kind
        for kind, response in responses(template).items()
        if response["statusCode"] == "429"
        and not re.fullmatch(r"'\d+'", response["responseParameters"].get("gatewayresponse.header.Retry-After", ""))
    ]


def every_answer_names_the_same_origin(template: Template) -> list[str]:
    wanted = preflight(template, "/api/v1/score")[f"method.response.header.{ORIGIN}"]
    problems = [
        kind
        for kind, response in responses(template).items()
        if response["responseParameters"].get(f"gatewayresponse.header.{ORIGIN}") != wanted
    ]
    paths = {path for path, _, _ in routes(template)}
    header = f"method.response.header.{ORIGIN}"
    return problems + [path for path in paths if preflight(template, path).get(header) != wanted]


def preflight(template: Template, path: str) -> dict[str, Any]:
    options = properties(template, "Api")["Body"]["paths"][path].get("options", {})
    answers = options.get("x-amazon-apigateway-integration", {}).get("responses", {})
    found: dict[str, Any] = answers.get("default", {}).get("responseParameters", {})
    return found


def the_access_log_is_json_and_names_nobody(template: Template) -> list[str]:
    problems = []
    for name, stage in of_type(template, "AWS::ApiGateway::Stage").items():
        logged = json.loads(stage["AccessLogSetting"]["Format"])
        problems += [f"{name}: {value}" for value in logged.values() if value.removeprefix("$context.") not in LOGGED]
    return problems


RULES: list[Rule] = [
    every_error_is_a_problem_document,
    every_429_says_when_to_come_back,
    every_answer_names_the_same_origin,
    the_access_log_is_json_and_names_nobody,
]


def parameters(template: Template, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = responses(template)[kind]["responseParameters"]
    return found


def log_also(template: Template, what: str) -> None:
    setting = properties(template, "ApiStage")["AccessLogSetting"]
    setting["Format"] = json.dumps(json.loads(setting["Format"]) | {"more": what})


def body(template: Template, text: str) -> None:
    responses(template)["THROTTLED"]["responseTemplates"]["application/json"] = text


PLANTED: list[tuple[Rule, Defect, str]] = [
    (every_error_is_a_problem_document, lambda t: responses(t).pop("DEFAULT_5XX"), "DEFAULT_5XX"),
    (every_error_is_a_problem_document, lambda t: body(t, '{"message": "slow down"}'), "THROTTLED: fields"),
    (
        every_error_is_a_problem_document,
        lambda t: responses(t)["REQUEST_TOO_LARGE"].update(statusCode="400"),
        "REQUEST_TOO_LARGE: status",
    ),
    (
        every_error_is_a_problem_document,
        lambda t: parameters(t, "ACCESS_DENIED").pop("gatewayresponse.header.Content-Type"),
        "ACCESS_DENIED: media type",
    ),
    (
        every_429_says_when_to_come_back,
        lambda t: parameters(t, "QUOTA_EXCEEDED").pop("gatewayresponse.header.Retry-After"),
        "QUOTA_EXCEEDED",
    ),
    (
        every_answer_names_the_same_origin,
        lambda t: parameters(t, "THROTTLED").update({f"gatewayresponse.header.{ORIGIN}": "'*'"}),
        "THROTTLED",
    ),
    (
        every_answer_names_the_same_origin,
        lambda t: properties(t, "Api")["Body"]["paths"]["/api/v1/model/{proxy+}"].pop("options"),
        "/api/v1/model/{proxy+}",
    ),
    (the_access_log_is_json_and_names_nobody, lambda t: log_also(t, "$context.path"), "$context.path"),
    (the_access_log_is_json_and_names_nobody, lambda t: log_also(t, "$context.identity.apiKey"), "identity.apiKey"),
    (the_access_log_is_json_and_names_nobody, lambda t: log_also(t, "$context.identity.sourceIp"), "sourceIp"),
]


@pytest.mark.parametrize("rule", RULES)
def test_the_template_keeps_the_rule(rule: Rule) -> None:
    assert rule(template()) == []


@pytest.mark.parametrize(("rule", "defect", "named"), PLANTED)
def test_a_planted_defect_is_named(rule: Rule, defect: Defect, named: str) -> None:
    assert any(named in problem for problem in rule(planted(defect)))


@pytest.mark.parametrize(
    ("origins", "header"),
    [
        ("", None),
        ("*", "'*'"),
        ("https://a.example", "'https://a.example'"),
        ("https://a.example,https://b.example", "'*'"),
    ],
)
def test_a_preflight_allows_the_one_origin_or_any_where_several_are_listed(origins: str, header: str | None) -> None:
    answer = Resolver(template(), {"CorsOrigins": origins}).resolve(preflight(template(), "/api/v1/score"))
    assert answer.get(f"method.response.header.{ORIGIN}") == header


@pytest.mark.parametrize(
    ("origins", "taken"),
    [
        ("", True),
        ("*", True),
        ("https://a.example,https://b.example", True),
        ("https://a.example, https://b.example", False),
        ("https://a.example,", False),
        ("https://a'.example", False),
    ],
)
def test_a_list_of_origins_has_no_spaces_and_cannot_leave_its_quotes(origins: str, *, taken: bool) -> None:
    assert bool(re.fullmatch(template()["Parameters"]["CorsOrigins"]["AllowedPattern"], origins)) is taken


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("RESOURCE_NOT_FOUND", NotFound.code),
        ("REQUEST_TOO_LARGE", TooLarge.code),
        ("UNSUPPORTED_MEDIA_TYPE", WrongMediaType.code),
        ("DEFAULT_4XX", Malformed.code),
    ],
)
def test_api_gateway_and_the_functions_call_an_error_by_one_code(kind: str, code: str) -> None:
    assert document(template(), kind)["code"] == code
