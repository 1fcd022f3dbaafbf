"""A function that dies under a request: the caller gets what API Gateway would say, the next request works.

From a socket through the gateway and the runtime to real processes. A function out of time is API Gateway's 502, for
Lambda did answer, with an error; only an integration that is out of time is a 504.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

import asyncio
import copy
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from infra.laptop.apigateway.access_log import ServedRequest
from infra.laptop.apigateway.gateway import Gateway
from infra.laptop.awslambda.function import FunctionSpec
from infra.laptop.awslambda.runtime import Runtime
from infra.laptop.intrinsic import Resolver
from infra.laptop.process.asgi_server import bind, server
from infra.laptop.template import Template
from tests.faults.harness.client import SCORE, Connection, Reply
from tests.gateway_server import KEYS
from tests.stack import template

HANDLERS = Path(__file__).parents[1] / "harness/handlers"
PAUSE_S = 0.01
PATIENCE_S = 60.0

pytestmark = pytest.mark.anyio

Start = Callable[..., Any]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Site:
    """The template's API with another function behind its scoring route."""

    def __init__(self, spec: FunctionSpec, logs: Path, integration_ms: int) -> None:
        self.runtime = Runtime({spec.name: spec}, logs)
        self.served: list[ServedRequest] = []
        resolver = Resolver(patient(integration_ms), {})
        gateway = Gateway(resolver, self.runtime.invoke, KEYS, self.served.append)
        self._place = bind(0)
        self._server = server(gateway)
        setattr(self._server, "capture_signals", nullcontext)  # noqa: B010 pytest's own stay
        self._serving = asyncio.ensure_future(self._server.serve(sockets=[self._place]))
        self.url = f"http://127.0.0.1:{self._place.getsockname()[1]}"

    async def ask(self, action: str) -> Reply:
        connection = Connection(self.url, KEYS[0].value)
        reply = await connection.post(SCORE, action.encode())
        connection.close()
        return reply

    async def end(self) -> None:
        self._server.should_exit = True
        await self._serving
        await self.runtime.stop()


def patient(integration_ms: int) -> Template:
    """The template, waiting that long for its scoring function."""
    changed = copy.deepcopy(template())
    api = next(one for one in changed["Resources"].values() if one["Type"] == "AWS::ApiGateway::RestApi")
    for method in api["Properties"]["Body"]["paths"][SCORE].values():
        if method["x-amazon-apigateway-integration"]["type"].lower() == "aws_proxy":
            method["x-amazon-apigateway-integration"]["timeoutInMillis"] = integration_ms
    return changed


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Starts a site whose function is misbehave.py's, with changes."""
    begun: list[Site] = []

    def begin(integration_ms: int = 11_000, **changes: Any) -> Site:
        values: dict[str, Any] = {
            "name": "ModelFunction",
            "handler": "misbehave.handle",
            "timeout_s": 8.0,
            "memory_mb": 128,
            "environment": {},
            "concurrency": 2,
            "path": (HANDLERS,),
        }
        begun.append(Site(FunctionSpec(**values | changes), tmp_path / "logs", integration_ms))
        return begun[-1]

    yield begin
    for site in begun:
        await site.end()


async def worker(site: Site) -> int:
    """The process that answers a good request."""
    reply = await site.ask("answer")
    assert reply.status == 200, reply
    pid: int = reply.json["pid"]
    return pid


def is_problem(reply: Reply, status: int, code: str) -> None:
    """A problem document that tells nothing of what is inside."""
    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json")
    assert (reply.json["status"], reply.json["code"]) == (status, code)
    assert reply.json["request_id"] == reply.headers["x-amzn-requestid"]
    assert not any(word in reply.body.decode() for word in ("misbehave", "secret", "Traceback", "arn:", "signal"))


@pytest.mark.parametrize(
    ("action", "changes", "note"),
    [
        ("crash", {}, "Runtime.ExitError"),
        ("leave", {}, "Runtime.ExitError"),
        ("fail", {}, "RuntimeError"),
        ("hang", {"timeout_s": 0.5}, "Sandbox.Timedout"),
        pytest.param(
            "fill",
            {},
            "Runtime.OutOfMemory",
            marks=pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is watched on Linux only"),
        ),
    ],
)
async def test_a_worker_that_fails_is_a_502_and_the_next_request_works(
    start: Start, action: str, changes: dict[str, Any], note: str
) -> None:
    site = start(**changes)
    await worker(site)
    is_problem(await site.ask(action), 502, "bad_gateway")
    assert site.served[-1].note == f"ModelFunction: {note}"
    await worker(site)


async def test_a_function_that_cannot_be_imported_is_a_502_until_it_is_mended(start: Start, tmp_path: Path) -> None:
    site = start(handler="late.handle", path=(tmp_path,))
    is_problem(await site.ask("answer"), 502, "bad_gateway")
    assert site.served[-1].note == "ModelFunction: Runtime.ImportModuleError"
    (tmp_path / "late.py").write_text((HANDLERS / "misbehave.py").read_text())
    await worker(site)


async def test_a_function_slower_than_its_integration_is_a_504_and_the_next_request_works(start: Start) -> None:
    site = start(integration_ms=300)
    await worker(site)
    is_problem(await site.ask("hang"), 504, "gateway_timeout")
    await worker(site)


async def test_a_worker_killed_from_outside_in_the_middle_is_a_502(start: Start, tmp_path: Path) -> None:
    site = start(environment={"BEGAN": str(tmp_path / "began")})
    pid = await worker(site)
    asked = asyncio.ensure_future(site.ask("hang"))
    async with asyncio.timeout(PATIENCE_S):
        while not (tmp_path / "began").exists():
            await asyncio.sleep(PAUSE_S)
    os.kill(pid, signal.SIGKILL)
    is_problem(await asked, 502, "bad_gateway")
    assert await worker(site) != pid


async def test_the_others_are_answered_while_one_dies(start: Start) -> None:
    site = start()
    died, *response = await asyncio.gather(site.ask("crash"), *(worker(site) for _ in range(20)))
    assert (died.status, len(response)) == (502, 20)
