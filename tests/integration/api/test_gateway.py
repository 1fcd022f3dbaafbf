"""The gateway function: the root of the API, and how it asks the other functions."""

import json
import re
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
from fraudshield.api.settings import UploadSettings
from fraudshield.aws.client import s3
from fraudshield.settings import settings
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
    thread = Thread(target=server.serve_forever, args=(0.02,))
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
    keyless = {path for path, keyed in routes.items() if not keyed}
    assert keyless == {"/", "/assets/{digest}/{path:path}", "/health", "/openapi.json"}
    assert routes.keys() - keyless == {"/services/status"}


def test_the_status_of_the_services_takes_a_key(stack: object) -> None:
    event = json.loads((ROOT / "events/gateway_api_services_status.json").read_text())
    event["requestContext"]["identity"]["apiKeyId"] = "nobody"
    response = gateway.lambda_handler(event, Context())
    assert response["statusCode"] == 403
    assert json.loads(response["body"])["code"] == "scope_missing"


def asked(resource: str, path: str | None = None, accept: str = "text/html", **headers: str) -> dict[str, Any]:
    """What the gateway answers to a browser; `path` is the whole one, with a stage or a base path."""
    event = json.loads((ROOT / "events/gateway_api_page.json").read_text())
    event["headers"] = {"Accept": accept, **headers}
    event["multiValueHeaders"] = {name: [value] for name, value in event["headers"].items()}
    event["requestContext"]["path"] = path or resource
    if resource != "/":
        event |= {"resource": "/assets/{proxy+}", "pathParameters": {"proxy": resource.removeprefix("/assets/")}}
    response: dict[str, Any] = json.loads(json.dumps(gateway.lambda_handler(event, Context())))
    return response


def linked(document: str) -> str:
    """The path of the page's own program."""
    found = re.search(r'src="(assets/[^"]+/app.js)"', document)
    assert found
    return f"/{found[1]}"


def test_the_page_is_html_that_loads_nothing_from_elsewhere(stack: object) -> None:
    response = sent("gateway_api_page")
    assert response["statusCode"] == 200
    assert response["headers"]["content-type"].startswith("text/html")
    assert "default-src 'none'" in response["headers"]["content-security-policy"]
    assert "http" not in response["body"]


def test_the_page_may_send_files_where_presigned_links_lead(stack: object) -> None:
    link = s3().generate_presigned_url("put_object", {"Bucket": settings(UploadSettings).upload_bucket, "Key": "a"})
    policy = asked("/")["headers"]["content-security-policy"]
    assert f"connect-src 'self' {'/'.join(link.split('/')[:3])};" in policy


def test_who_asks_for_json_is_told_where_all_is(stack: object) -> None:
    response = asked("/", accept="application/json")
    assert json.loads(response["body"])["links"]["contract"] == "openapi.json"


@pytest.mark.parametrize(("path", "to"), [("/dev", "dev/"), ("/a/b", "b/")])
def test_a_stage_or_a_base_path_without_its_slash_is_sent_on(stack: object, path: str, to: str) -> None:
    response = asked("/", path)
    assert (response["statusCode"], response["headers"]["location"]) == (308, to)
    assert asked("/", f"{path}/")["statusCode"] == 200


def test_a_file_of_the_page_is_kept_for_good_and_not_sent_twice(stack: object) -> None:
    path = linked(asked("/")["body"])
    response = asked(path)
    assert response["headers"]["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in response["headers"]["cache-control"]
    again = asked(path, **{"If-None-Match": response["headers"]["etag"]})
    assert (again["statusCode"], again["body"]) == (304, "")


def test_a_file_of_another_release_is_not_there(stack: object) -> None:
    response = asked("/assets/0123456789abcdef/app.js")
    assert (response["statusCode"], json.loads(response["body"])["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["app.js", "../app.py", "%2e%2e/app.py", "..%2f..%2fapp.py", "nothing.js", "screen"])
def test_no_other_file_is_served(stack: object, path: str) -> None:
    digest = linked(asked("/")["body"]).split("/")[2]
    served = asked(f"/assets/{digest}/{path}")
    assert served["statusCode"] == (200 if path == "app.js" else 404)


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
