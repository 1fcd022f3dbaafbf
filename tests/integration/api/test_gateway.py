"""The gateway function: the root of the API, and how it asks the other functions."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any, ClassVar

import pytest
from fastapi.routing import APIRoute
from openapi_spec_validator import validate

from fraudshield.api.request import scope_of
from functions.gateway import app as gateway
from infra.openapi import document as openapi
from infra.openapi import schema
from tests.caller import Context

ROOT = Path(__file__).parents[3]
SERVICES = "model=Fine,ingest=Tired,batch=Crashed,analytics=Gone,database=Mute,policy=Waking"
WAITS_S = {"Mute": 30.0, "Waking": 2.2}


class PretendLambda(BaseHTTPRequestHandler):
    """Answers Invoke by the function's name."""

    asked: ClassVar[list[str]] = []
    released: ClassVar[Event] = Event()

    def do_POST(self) -> None:
        function = self.path.split("/")[3]
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(f"{function} {event['httpMethod']} {event['path']}")
        if function in WAITS_S:
            self.released.wait(WAITS_S[function])
        self.answer(*ANSWERS.get(function, (404, {}, {"Type": "User", "message": "no such function"})))

    def answer(self, status: int, headers: dict[str, str], body: Any) -> None:
        if self.released.is_set():  # whoever asked has gone
            return
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(content))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the name it overrides
        """Nothing."""


def proxied(body: dict[str, Any]) -> dict[str, Any]:
    return {"statusCode": 200, "body": json.dumps(body)}


ANSWERS: dict[str, tuple[int, dict[str, str], Any]] = {
    "Waking": (200, {}, proxied({"status": "healthy", "degraded": []})),
    "Fine": (200, {}, proxied({"status": "healthy", "degraded": []})),
    "Tired": (200, {}, proxied({"status": "degraded", "degraded": ["model_refused"]})),
    "Crashed": (200, {"X-Amz-Function-Error": "Unhandled"}, {"errorType": "Runtime.ExitError"}),
}


@pytest.fixture
def pretend_lambda(stack: object, told: Any) -> Iterator[None]:
    PretendLambda.asked.clear()
    PretendLambda.released.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), PretendLambda)
    thread = Thread(target=server.serve_forever)
    thread.start()
    told(SERVICE_FUNCTIONS=SERVICES, AWS_ENDPOINT_URL_LAMBDA=f"http://127.0.0.1:{server.server_port}")
    yield
    PretendLambda.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


def sent(name: str, **changes: Any) -> dict[str, Any]:
    event = json.loads((ROOT / f"events/{name}.json").read_text()) | changes
    response: dict[str, Any] = json.loads(json.dumps(gateway.lambda_handler(event, Context())))
    return response


def test_health_needs_no_key_and_asks_nobody(stack: object) -> None:
    response = sent("gateway_api_health")
    assert response["statusCode"] == 200
    assert json.loads(response["body"])["status"] == "healthy"


@pytest.mark.usefixtures("pretend_lambda")
def test_every_service_is_asked_at_once_and_the_silent_one_does_not_hold_up_the_answer() -> None:
    """One that has just been started is no outage. Nobody is asked twice: that would start another one."""
    start = monotonic()
    status = json.loads(sent("gateway_api_services_status")["body"])
    took_s = monotonic() - start
    found = {name: (one["status"], one["detail"]) for name, one in status["services"].items()}
    assert found["model"] == ("healthy", "")
    assert found["ingest"] == ("degraded", "model_refused")
    assert found["policy"] == ("healthy", "")
    assert found["batch"][0] == found["analytics"][0] == found["database"][0] == "unhealthy"
    assert status["gateway_status"] == "degraded"
    assert took_s < 7
    assert sorted(PretendLambda.asked) == sorted(
        f"{one} GET /health" for one in ("Fine", "Tired", "Crashed", "Gone", "Mute", "Waking")
    )


def test_all_healthy_is_healthy(pretend_lambda: None, told: Any) -> None:
    told(SERVICE_FUNCTIONS="model=Fine")
    assert json.loads(sent("gateway_api_services_status")["body"])["gateway_status"] == "healthy"


def test_every_route_but_the_status_is_open_to_all() -> None:
    routes = {
        route.path: scope_of(route.dependencies) is not None
        for route in gateway.app.routes
        if isinstance(route, APIRoute)
    }
    assert routes == {"/": False, "/health": False, "/openapi.json": False, "/services/status": True}


def test_the_status_of_the_services_takes_a_key(stack: object) -> None:
    event = json.loads((ROOT / "events/gateway_api_services_status.json").read_text())
    event["requestContext"]["identity"]["apiKeyId"] = "nobody"
    response = gateway.lambda_handler(event, Context())
    assert response["statusCode"] == 403
    assert json.loads(response["body"])["code"] == "scope_missing"


def test_the_page_is_html_that_loads_nothing_from_elsewhere(stack: object) -> None:
    response = sent("gateway_api_page")
    assert response["statusCode"] == 200
    assert response["headers"]["content-type"].startswith("text/html")
    assert "default-src 'none'" in response["headers"]["content-security-policy"]
    assert "src=" not in response["body"]


def test_two_schemas_of_one_name_are_refused() -> None:
    schemas = {"Figures": {"type": "object"}}
    schema.join(schemas, {"Figures": {"type": "object"}, "Other": {}})
    with pytest.raises(ValueError, match="called Figures"):
        schema.join(schemas, {"Figures": {"type": "array"}})


def test_the_contract_that_is_served_is_the_one_the_code_makes(stack: object) -> None:
    assert sent("gateway_api_openapi")["body"] == openapi.text()


def test_the_contract_is_valid_openapi() -> None:
    validate(openapi.document())


def test_a_changed_route_makes_the_committed_contract_stale() -> None:
    changed = openapi.document()
    changed["paths"].pop("/health")
    assert json.dumps(changed, indent=2, ensure_ascii=False) + "\n" != openapi.DOCUMENT.read_text()
