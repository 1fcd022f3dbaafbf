"""A service's own listener over real HTTP: the function's routes without key or prefix, for this machine only."""

from collections.abc import Iterator
from typing import Any

import pytest

from infra.laptop.apigateway.access_log import ServedRequest
from infra.laptop.apigateway.route import LambdaIntegration
from infra.laptop.apigateway.service_listener import ServiceListener
from infra.laptop.awslambda.invocation import FunctionResponse
from tests.gateway_server import ServedGateway, echo, listening, proxy, send, served_gateway


def listener_of(here: ServedGateway, port: int) -> ServiceListener:
    """The model's own listener."""
    gateway, model = here.gateway, LambdaIntegration("ModelFunction", 11)
    return ServiceListener(gateway, model, gateway.keys.of("ADMIN_API_KEY"), port, here.served.append)


@pytest.fixture
def listener() -> Iterator[tuple[int, ServedGateway]]:
    here = served_gateway()
    with listening(lambda port: listener_of(here, port)) as port:
        yield port, here


def test_a_listener_serves_the_functions_routes_without_prefix_or_key_as_admin(
    listener: tuple[int, ServedGateway],
) -> None:
    port, here = listener
    event = send(port, "PUT", "/policy?a=1", body=b"{}").json()
    assert here.runtime.functions == ["ModelFunction"]
    assert (event["path"], event["httpMethod"], event["body"]) == ("/policy", "PUT", "{}")
    assert event["requestContext"]["identity"]["apiKeyId"] == "AdminKey"


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_a_listener_answers_to_loopback_names(listener: tuple[int, ServedGateway], name: str) -> None:
    port, _ = listener
    assert send(port, "GET", "/health", {"Host": f"{name}:{port}"}).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example:{port}", "localhost", "localhost:1", "localhost:{port}.evil.example", "127.0.0.2:{port}", ""]
)
def test_a_listener_does_not_answer_to_another_name(listener: tuple[int, ServedGateway], host: str) -> None:
    port, here = listener
    reply = send(port, "GET", "/health", {"Host": host.format(port=port)})
    assert (reply.status, reply.json()["code"]) == (403, "forbidden")
    assert here.runtime.events == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://a.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_web_page_of_elsewhere_does_not_get_through_a_listener(
    listener: tuple[int, ServedGateway], headers: dict[str, str]
) -> None:
    port, here = listener
    reply = send(port, "POST", "/policy", headers, b"{}")
    assert reply.status == 403
    assert here.runtime.events == []


def test_a_page_of_the_listeners_own_may_call_it(listener: tuple[int, ServedGateway]) -> None:
    port, _ = listener
    own = {"Host": f"localhost:{port}", "Origin": f"http://localhost:{port}", "Sec-Fetch-Site": "same-origin"}
    assert send(port, "POST", "/score", own, b"{}").status == 200


@pytest.mark.parametrize("path", ["/health", "/../x", "/%zz", "//", "/"])
def test_no_answer_of_a_listener_carries_a_cors_header(path: str) -> None:
    async def with_cors(_: dict[str, Any]) -> FunctionResponse:
        return proxy(headers={"Access-Control-Allow-Origin": "*", "X-Kept": "1"})

    here = served_gateway(with_cors)
    with listening(lambda port: listener_of(here, port)) as port:
        taken, refused = send(port, "GET", path), send(port, "GET", path, {"Origin": "https://a.example"})
    assert taken.headers["x-kept"] == "1"
    assert not [name for name in (*taken.headers, *refused.headers) if name.startswith("access-control-")]


def test_a_listener_says_what_it_served(listener: tuple[int, ServedGateway]) -> None:
    port, here = listener
    send(port, "GET", "/health?x=1")
    [said] = here.served
    assert isinstance(said, ServedRequest)
    assert (said.path, said.key) == ("/health", "ADMIN_API_KEY")


def test_a_listener_knows_no_throttle() -> None:
    here = served_gateway(echo, parameters={"PlanBurstLimit": "1", "ScoreBurstLimit": "1"})
    with listening(lambda port: listener_of(here, port)) as port:
        assert [send(port, "GET", "/health").status for _ in range(5)] == [200] * 5
