"""What the gateway adds to a request: from ASGI in to ASGI out, with a function that answers at once."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from starlette.types import Message, Scope

from infra.laptop.awslambda.invocation import FunctionResponse
from tests.gateway_server import KEYS, listening, proxy, send, served_gateway
from tests.load.conftest import measure, report

ROUNDS = 2_000
BODY = json.dumps({"transactions": [{"transaction_id": f"t-{n}", "amount": 1000.0} for n in range(10)]}).encode()
ANSWER = proxy(body=json.dumps({"results": [{"risk": 0.01, "decision": "approve"}] * 10}))
KEY = KEYS[0].value


async def at_once(_: dict[str, Any]) -> FunctionResponse:
    return ANSWER


def scope(headers: dict[str, str]) -> Scope:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "raw_path": b"/api/v1/score",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in {"host": "127.0.0.1:8000", **headers}.items()],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8000),
    }


async def receive() -> Message:
    return {"type": "http.request", "body": BODY, "more_body": False}


async def discard(_: Message) -> None:
    """Where the answer goes."""


@pytest.mark.parametrize(
    ("what", "headers", "goal_ms"),
    [
        ("gateway: a scoring call passed on", {"x-api-key": KEY, "content-type": "application/json"}, 0.5),
        ("gateway: a call without a key refused", {}, 0.25),
    ],
)
def test_the_gateway_adds_little_to_a_request(
    benchmark: BenchmarkFixture, what: str, headers: dict[str, str], goal_ms: float
) -> None:
    here = served_gateway(at_once, parameters={"ScoreBurstLimit": "1000000"})
    loop = asyncio.new_event_loop()
    asked = scope(headers)

    def call() -> None:
        loop.run_until_complete(here.gateway(asked, receive, discard))

    try:
        timing = measure(benchmark, call, ROUNDS, warmup=200)
    finally:
        loop.close()
    report(benchmark, what, f"{timing.at(50):.3f} ms", f"p99 {timing.at(99):.3f} ms", f"<= {goal_ms} ms")


def test_the_gateway_over_a_socket(benchmark: BenchmarkFixture) -> None:
    here = served_gateway(at_once, parameters={"ScoreBurstLimit": "1000000"})
    with listening(lambda _: here.gateway) as port:
        timing = measure(benchmark, asking(port), 300, warmup=50)
    report(
        benchmark,
        "gateway: a scoring call on a connection of its own",
        f"{timing.at(50):.2f} ms",
        f"p99 {timing.at(99):.2f} ms",
        "-",
    )


def asking(port: int) -> Callable[[], object]:
    return lambda: send(port, "POST", "/api/v1/score", {"X-API-Key": KEY}, BODY)
