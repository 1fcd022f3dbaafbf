"""A gateway or service listener on a real port, with a function behind it that does as the test says."""

import asyncio
import http.client
import json
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp

from infra.laptop.apigateway.access_log import ServedRequest
from infra.laptop.apigateway.api_key import ApiKey
from infra.laptop.apigateway.gateway import Gateway
from infra.laptop.awslambda.invocation import FunctionResponse, Invocation
from infra.laptop.intrinsic import Resolver
from infra.laptop.process.asgi_server import bind, server
from infra.laptop.template import Template
from tests.stack import template

KEYS = (
    ApiKey("TEST_API_KEY", "TestApiKey", "score-key-of-the-tests", made=False),
    ApiKey("FRONTEND_API_KEY", "FrontendApiKey", "analyst-key-of-the-tests", made=False),
    ApiKey("ADMIN_API_KEY", "AdminApiKey", "admin-key-of-the-tests", made=True),
)
SCORE, ANALYST, ADMIN = ({"X-API-Key": key.value} for key in KEYS)

Act = Callable[[dict[str, Any]], Awaitable[FunctionResponse]]


def proxy(status: int = 200, body: str = "{}", **more: Any) -> FunctionResponse:
    """A function's answer in proxy form."""
    return FunctionResponse(json.dumps({"statusCode": status, "body": body, **more}).encode())


async def echo(event: dict[str, Any]) -> FunctionResponse:
    """Answers with the event itself."""
    return proxy(body=json.dumps(event))


@dataclass
class FakeRuntime:
    """Functions without processes. `events` are those that were invoked."""

    act: Act = echo
    events: list[dict[str, Any]] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)

    async def invoke(self, function: str, event: bytes, trace: str | None = None) -> Invocation:
        """As the runtime would."""
        self.functions.append(function)
        self.events.append(json.loads(event))
        return Invocation.of(await self.act(self.events[-1]), "r-1")


@dataclass
class ServedGateway:
    """A gateway, what is behind it, and what it said it served."""

    runtime: FakeRuntime
    gateway: Gateway
    served: list[ServedRequest]


def served_gateway(
    act: Act = echo, parameters: Mapping[str, str] | None = None, over: Template | None = None
) -> ServedGateway:
    """The template's API, or another template's."""
    runtime, served = FakeRuntime(act), list[ServedRequest]()
    resolver = Resolver(over or template(), {"CorsOrigins": "https://a.example", **(parameters or {})})
    return ServedGateway(runtime, Gateway(resolver, runtime.invoke, KEYS, served.append), served)


@contextmanager
def listening(app: Callable[[int], ASGIApp]) -> Iterator[int]:
    """Serve on a free port what `app` makes, knowing the port."""
    listening_on = bind(0)
    port: int = listening_on.getsockname()[1]
    running = server(app(port))
    thread = threading.Thread(target=lambda: asyncio.run(running.serve(sockets=[listening_on])), daemon=True)
    thread.start()
    try:
        yield port
    finally:
        running.should_exit = True
        thread.join(60)
        listening_on.close()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a client got. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The parsed body."""
        return json.loads(self.body)


def send(
    port: int, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
) -> Reply:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, dict(headers or {}))
        response = connection.getresponse()
        return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()
