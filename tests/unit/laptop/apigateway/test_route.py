"""Routes as API Gateway matches them."""

from typing import Any

import pytest

from infra.laptop.apigateway.http_response import HttpResponse
from infra.laptop.apigateway.route import LambdaIntegration, Routes
from infra.laptop.errors import SetupError
from infra.laptop.intrinsic import Resolver
from tests.stack import template

ANY = "x-amazon-apigateway-any-method"
URI = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${%s.Arn}/invocations"


def proxied(function: str = "SomeFunction", **more: Any) -> dict[str, Any]:
    return {"x-amazon-apigateway-integration": {"type": "aws_proxy", "uri": {"Fn::Sub": URI % function}}, **more}


def routes(**paths: list[str]) -> Routes:
    """Methods by path."""
    body = {"paths": {path: {method: proxied() for method in methods} for path, methods in paths.items()}}
    return Routes(body, Resolver({"Resources": {}}, {}))


def found(table: Routes, method: str, path: str) -> tuple[str, str] | None:
    match = table.find(method, path)
    return (match.route.method, match.route.resource) if match else None


PRECEDENCE = routes(
    **{
        "/": ["get"],
        "/{proxy+}": [ANY],
        "/a": ["get", ANY],
        "/a/{id}": ["get"],
        "/a/{id}/b": ["get"],
        "/a/fixed": ["get"],
        "/a/{proxy+}": ["post"],
        "/x.y": ["get"],
    }
)


@pytest.mark.parametrize(
    ("path", "resource"),
    [
        ("/", "/"),
        ("/a", "/a"),
        ("/a/", "/a"),
        ("/a/fixed", "/a/fixed"),
        ("/a/fixe", "/a/{id}"),
        ("/a/fixed/b", "/a/{id}/b"),
        ("/x.y", "/x.y"),
        ("/xzy", "/{proxy+}"),
        ("/b/c/d", "/{proxy+}"),
        ("/a%2Fb", "/{proxy+}"),
        ("//a", "/{proxy+}"),
    ],
)
def test_an_exact_path_goes_before_a_parameter_and_that_before_a_greedy_one(path: str, resource: str) -> None:
    match = PRECEDENCE.find("GET", path)
    assert match
    assert match.route.resource == resource


def test_a_method_of_its_own_goes_before_any() -> None:
    assert found(PRECEDENCE, "GET", "/a") == ("GET", "/a")
    assert found(PRECEDENCE, "PUT", "/a") == ("ANY", "/a")


def test_the_most_specific_resource_is_final_even_where_it_lacks_the_method() -> None:
    assert found(PRECEDENCE, "DELETE", "/a/fixed") is None


def test_any_stands_for_the_seven_methods_only() -> None:
    assert found(PRECEDENCE, "PATCH", "/a")
    assert found(PRECEDENCE, "TRACE", "/a") is None
    assert found(PRECEDENCE, "get", "/a") is None


def test_a_greedy_parameter_takes_at_least_one_character() -> None:
    assert routes(**{"/a/{proxy+}": ["get"]}).find("GET", "/a/") is None


def test_a_path_without_a_resource_is_not_found() -> None:
    assert routes(**{"/a": ["get"]}).find("GET", "/b") is None


def test_parameters_stay_as_the_client_encoded_them() -> None:
    match = routes(**{"/a/{id}/{proxy+}": ["get"]}).find("GET", "/a/x%2Fy/1/%E2%82%AC+2")
    assert match
    assert match.parameters == (("id", "x%2Fy"), ("proxy", "1/%E2%82%AC+2"))


def test_a_key_is_asked_for_where_the_method_or_else_the_api_says_so() -> None:
    keyed = [{"api_key": list[str]()}]
    body = {
        "security": keyed,
        "paths": {"/a": {"get": proxied(), "post": proxied(security=[]), "put": proxied(security=keyed)}},
    }
    asked = {route.method: route.key_required for route in Routes(body, Resolver({"Resources": {}}, {}))}
    assert asked == {"GET": True, "POST": False, "PUT": True}


@pytest.mark.parametrize(
    "integration",
    [
        {"type": "http_proxy", "uri": "http://elsewhere.example"},
        {"type": "aws_proxy", "uri": {"Fn::Sub": "arn:aws:states:::nothing"}},
        {"type": "aws_proxy"},
    ],
)
def test_an_integration_that_the_laptop_does_not_know_is_refused_by_name(integration: dict[str, Any]) -> None:
    body = {"paths": {"/a": {"get": {"x-amazon-apigateway-integration": integration}}}}
    with pytest.raises(SetupError, match="GET /a"):
        Routes(body, Resolver({"Resources": {}}, {}))


def test_the_templates_scoring_route_calls_the_model_function_for_as_long_as_it_says() -> None:
    expanded = template()
    table = Routes(expanded["Resources"]["Api"]["Properties"]["Body"], Resolver(expanded, {}))
    match = table.find("POST", "/api/v1/score")
    assert match
    assert match.route.key_required
    assert match.route.integration == LambdaIntegration("ModelFunction", 11.0)


def test_a_preflight_without_an_allowed_origin_names_none() -> None:
    expanded = template()
    table = Routes(expanded["Resources"]["Api"]["Properties"]["Body"], Resolver(expanded, {}))
    match = table.find("OPTIONS", "/api/v1/score")
    assert match
    assert isinstance(match.route.integration, HttpResponse)
    assert not match.route.key_required
    assert "access-control-allow-origin" not in dict(match.route.integration.headers)
