"""Every route of every service: how it is found, which methods its path has, which parameters it knows."""

import json
from collections import defaultdict
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.routing import APIRoute

from fraudshield.api.openapi import declared_query
from functions.gateway import app as gateway
from functions.model import app as model
from functions.notification import app as notification
from tests.api.whole_api import handler_of
from tests.caller import EXPLAIN, POLICY, SCORE, ApiResponse, Caller, answer, frame_event
from tests.caller import ROOT as FILES
from tests.conftest import README_TRANSACTION
from tests.integration.api.test_scope import NAMED, SERVICES, Service
from tests.stack import Stack

UNKNOWN = {"no_such": ["1"]}
ROOT = Service(gateway.app, gateway.lambda_handler, "")
ALL = [*SERVICES.values(), ROOT]
ROUTES: list[tuple[Service, str, APIRoute]] = [
    (service, method, route)
    for service in ALL
    for route in service.app.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods)
]
CONTRACT = [one for one in ROUTES if one[2].include_in_schema]
NO_CONTRACT = {"/", "/assets/{digest}/{path:path}", "/openapi.json", "/confirm", "/unsubscribe"}
DATABASE = "/api/v1/database"
NEEDED = ("/predictions", "/versions/{version:segment}/difference")  # have a parameter that may not be left out


def named(one: tuple[Service, str, APIRoute]) -> str:
    return f"{one[1]} {one[0].prefix}{one[2].path_format}"


every_route = pytest.mark.parametrize("one", CONTRACT, ids=named)


def event_of(prefix: str, path: str, base_path: str = "", **frame: Any) -> dict[str, Any]:
    """An event as API Gateway makes it, where a custom domain has put `base_path` before all."""
    greedy = {"resource": f"{prefix}/{{proxy+}}", "pathParameters": {"proxy": path.removeprefix("/")}}
    own = {"resource": path or "/", "pathParameters": None}
    event = frame_event("GET", f"{base_path}{prefix}{path}", None, "AdminKey")
    event["requestContext"] |= {"path": f"{base_path}{prefix}{path}", "resourcePath": f"{base_path}{prefix}"}
    return event | (greedy if prefix else own) | frame


def reached(one: tuple[Service, str, APIRoute], **frame: Any) -> ApiResponse:
    """The response to a parameter that no route knows: it says that the route was found."""
    service, method, route = one
    path = route.path_format.format_map(NAMED) + frame.pop("end", "")
    prefix = frame.pop("prefix", service.prefix)
    event = event_of(prefix, path, frame.pop("base_path", ""), httpMethod=method)
    return answer(event | {"multiValueQueryStringParameters": UNKNOWN} | frame, service.handler)


def refused(response: ApiResponse) -> tuple[int, str]:
    return response.status, response.json["code"]


@every_route
def test_a_parameter_that_a_route_does_not_know_is_refused(
    lasting_files: Stack, one: tuple[Service, str, APIRoute]
) -> None:
    response = reached(one, body="not json")
    assert refused(response) == (400, "invalid_parameter")
    assert [fault["pointer"] for fault in response.json["errors"]] == ["?no_such"] or one[2].path in NEEDED


@every_route
@pytest.mark.parametrize(
    "way",
    [
        {"end": "/"},
        {"base_path": "/shield"},
        {"base_path": "/a/b", "end": "/"},
        {"prefix": "", "resource": "/{proxy+}"},
    ],
    ids=["final slash", "base path", "both", "own port"],
)
def test_a_route_is_found_by_its_resource(
    lasting_files: Stack, one: tuple[Service, str, APIRoute], way: dict[str, Any]
) -> None:
    own_port = {"pathParameters": {"proxy": one[2].path_format.format_map(NAMED)[1:]}} if "resource" in way else {}
    assert refused(reached(one, **way, **own_port)) == (400, "invalid_parameter")


@every_route
def test_a_parameter_that_stands_twice_is_refused(lasting_files: Stack, one: tuple[Service, str, APIRoute]) -> None:
    known = declared_query(one[2])
    assert known is not None
    name = next(iter(known.model_fields), "no_such")
    response = reached(one, multiValueQueryStringParameters={name: ["1", "1"]})
    assert refused(response) == (400, "invalid_parameter")
    assert response.json["errors"][0]["code"] == "duplicate_parameter"


def test_pages_and_links_are_all_that_knows_no_parameters() -> None:
    assert {one[2].path for one in ROUTES if one not in CONTRACT} == NO_CONTRACT


def test_links_and_pages_take_what_others_add() -> None:
    for path in ("/", "/openapi.json"):
        assert Caller(None, handler=gateway.lambda_handler).send("GET", f"{path}?utm=1&utm=2").status == 200


def test_a_link_works_with_what_a_mail_program_adds(lasting_files: Stack) -> None:
    links = Caller(None, handler=notification.lambda_handler)
    asked = "/api/v1/notifications/confirm?token=x"
    assert links.send("GET", asked).text == links.send("GET", f"{asked}&utm_source=mail&utm_source=again").text


@pytest.mark.parametrize("path", sorted({f"{one[0].prefix} {one[2].path_format}" for one in ROUTES}))
def test_a_wrong_method_is_told_all_the_right_ones(lasting_files: Stack, path: str) -> None:
    prefix, _, below = path.partition(" ")
    service = next(one for one in ALL if one.prefix == prefix)
    methods = {method for one, method, route in ROUTES if one is service and route.path_format == below}
    for method in {"PATCH", "OPTIONS", "DELETE", "PUT", "POST"} - methods:
        response = answer(event_of(prefix, below.format_map(NAMED), httpMethod=method), service.handler)
        assert refused(response) == (405, "method_not_allowed")
        assert set(response.headers["allow"].split(", ")) == methods | ({"HEAD"} if "GET" in methods else set())


@pytest.mark.parametrize("one", [one for one in ROUTES if one[1] == "GET"], ids=named)
def test_head_is_answered_as_get_without_a_body(lasting_files: Stack, one: tuple[Service, str, APIRoute]) -> None:
    service, _, route = one
    path = route.path_format.format_map(NAMED)
    got, head = (
        answer(event_of(service.prefix, path, httpMethod=method), service.handler) for method in ("GET", "HEAD")
    )
    varying = {"content-length", "etag"}  # a response says when it was made
    assert (head.status, head.text) == (got.status, "")
    assert {**head.headers, **dict.fromkeys(varying)} == {**got.headers, **dict.fromkeys(varying)}


def test_head_is_refused_where_there_is_no_get(lasting_files: Stack) -> None:
    response = Caller().send("HEAD", SCORE)
    assert (response.status, response.text, response.headers["allow"]) == (405, "", "POST")


def test_what_should_not_be_stored_is_not(lasting_files: Stack, caller: Caller) -> None:
    """A parameter that belongs into the body."""
    sent = {"transactions": [README_TRANSACTION | {"transaction_id": "unstored"}]}
    assert refused(caller.send("POST", f"{SCORE}?store=false", sent)) == (400, "invalid_parameter")
    assert caller.send("POST", EXPLAIN, {"transaction_id": "unstored"}).status == 404


@pytest.mark.parametrize("path", [f"{POLICY}?x=1", f"{POLICY}?x", f"{POLICY}?=", f"{POLICY}?%F0=%9F"])
def test_any_parameter_is_one_too_many_where_there_is_none(lasting_files: Stack, caller: Caller, path: str) -> None:
    assert refused(caller.send("GET", path)) == (400, "invalid_parameter")


@pytest.mark.parametrize("name", ["x/label", "x/", "/", "a%2Fb", "%", "...", "x/label/label"])
def test_an_id_is_one_segment_of_the_path(lasting_files: Stack, caller: Caller, name: str) -> None:
    for stored in ("x", name):
        caller.score(README_TRANSACTION | {"transaction_id": stored})
    path = f"/transactions/{quote(name, safe='')}"
    shown, label = (answer(event_of(DATABASE, one, "/shield"), handler_of(DATABASE)) for one in (path, f"{path}/label"))
    assert shown.json["transaction"]["transaction_id"] == name
    assert label.json["transaction_id"] == name


def test_a_recorded_event_is_answered_below_a_base_path_too(lasting_files: Stack) -> None:
    event = json.loads((FILES / "events/model_api_info.json").read_text())
    event["path"] = "/shield" + event["path"]
    event["requestContext"] |= {"path": event["path"], "resourcePath": event["path"]}
    assert answer(event, model.lambda_handler).status == 200


def test_every_service_is_walked() -> None:
    walked: dict[str, int] = defaultdict(int)
    for service, _, _ in CONTRACT:
        walked[service.prefix] += 1
    assert len(walked) == 9
    assert sum(walked.values()) > 50
