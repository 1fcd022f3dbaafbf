"""What every function of ours does with what nobody foresaw: a problem document, and no word of why."""

import json
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from fastapi import Request, Response

from fraudshield.api.app import add_health, create_app
from fraudshield.api.entry import lambda_entry
from fraudshield.api.health import HealthResponse, up
from fraudshield.api.request import caller, request_id_of
from fraudshield.api.response import json_response
from fraudshield.api.status import STATUS
from fraudshield.api.usage import EVERY_S, Usage
from fraudshield.errors import ConfigurationError, FraudShieldError, Unavailable
from tests.caller import Context, frame_event

SECRET = "a-secret-in-a-message"
app = create_app("probe", "Fails in every way there is.")
handler = lambda_entry(app, "/api/v1/probe")


@app.get("/unforeseen")
async def unforeseen() -> Response:
    raise RuntimeError(SECRET)


@app.get("/value")
async def value() -> Response:
    raise ValueError(SECRET)


@app.get("/away")
async def away() -> Response:
    raise Unavailable("come again")


@app.post("/echo")
async def echo(request: Request) -> Response:
    return json_response({"caller": caller(request), "id": request_id_of(request)})


@app.get("/bytes")
async def raw() -> Response:
    return Response(b"\x00\xff", media_type="image/png")


def call(path: str, method: str = "GET", **frame: Any) -> tuple[dict[str, Any], Any]:
    answered = handler(frame_event(method, f"/api/v1/probe{path}", None, "a-key") | frame, Context())
    return answered, json.loads(answered["body"])


@pytest.mark.parametrize("path", ["/unforeseen", "/value"])
def test_what_nobody_foresaw_is_a_500_that_tells_nothing(path: str, written: Callable[[], str]) -> None:
    answered, told = call(path)
    assert (answered["statusCode"], told["code"]) == (500, "internal_error")
    assert SECRET not in answered["body"]
    said = written()
    assert "request_id" in said
    assert SECRET not in said


def test_what_is_unavailable_says_when_to_come_again() -> None:
    answered, told = call("/away")
    assert (answered["statusCode"], told["detail"]) == (503, "come again")
    assert answered["headers"]["retry-after"] == "5"


def test_once_a_minute_a_call_tells_how_much_of_the_machine_it_used(written: Callable[[], str]) -> None:
    asked = lambda_entry(app, "/api/v1/probe", usage=Usage(looked_at=time.monotonic() - EVERY_S))
    answered = asked(frame_event("POST", "/api/v1/probe/echo", None, "a-key"), Context())
    assert answered["statusCode"] == 200
    assert '"MemoryPercent":[' in written()


def test_every_error_of_ours_has_a_status() -> None:
    def leaves(kind: type[FraudShieldError]) -> set[type[FraudShieldError]]:
        below = kind.__subclasses__()
        return {kind}.union(*map(leaves, below)) if below else {kind}

    unmapped = {kind for kind in leaves(FraudShieldError) if not issubclass(kind, tuple(STATUS))}
    assert unmapped == {FraudShieldError}


def test_the_request_is_known_by_the_gateways_id() -> None:
    _, told = call("/echo", "POST")
    assert told == {"caller": "a-key", "id": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"}


@pytest.mark.parametrize("context", [{}, {"identity": {}}, {"identity": {"apiKeyId": None}}])
def test_an_event_that_says_nothing_of_its_caller_has_none(context: dict[str, Any]) -> None:
    _, told = call("/echo", "POST", requestContext=context | {"http": {}})
    assert told == {"caller": "", "id": ""}


def test_what_is_not_text_leaves_encoded() -> None:
    answered = handler(frame_event("GET", "/api/v1/probe/bytes", None, None), Context())
    assert (answered["isBase64Encoded"], answered["body"]) == (True, "AP8=")


def test_routes_hang_under_the_prefix_and_at_the_root() -> None:
    at_root = handler(frame_event("GET", "/away", None, None), Context())
    assert (call("/away")[0]["statusCode"], at_root["statusCode"]) == (503, 503)


def failed(service: str, now: datetime) -> HealthResponse:
    raise ConfigurationError(f"{service} has no table")


@pytest.mark.parametrize(("check", "status", "told"), [(up, 200, "healthy"), (failed, 503, "unhealthy")])
def test_every_service_says_in_the_same_way_how_it_is(
    check: Callable[[str, datetime], HealthResponse], status: int, told: str
) -> None:
    asked = create_app("asked", "Says how it is.")
    add_health(asked, "asked", check)
    answered = lambda_entry(asked)(frame_event("GET", "/health", None, ""), Context())
    body = json.loads(answered["body"])
    assert (answered["statusCode"], body["status"], body["service"]) == (status, told, "asked")
