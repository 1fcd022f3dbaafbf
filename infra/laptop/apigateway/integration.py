"""Calls the function behind a route and reads its response, or says how API Gateway reports that it got none."""

import asyncio
import time
from collections.abc import Awaitable, Mapping, Sequence
from typing import Protocol

from starlette.types import Receive

from infra.laptop.apigateway.content_encoding import UnsupportedEncoding, unpacked
from infra.laptop.apigateway.gateway_response import GatewayResponseType
from infra.laptop.apigateway.http_request import RequestTooLarge
from infra.laptop.apigateway.http_response import HttpResponse
from infra.laptop.apigateway.proxy_event import proxy_event
from infra.laptop.apigateway.proxy_response import proxy_response
from infra.laptop.apigateway.request_context import RequestContext
from infra.laptop.apigateway.route import LambdaIntegration
from infra.laptop.awslambda.invocation import Invocation
from infra.laptop.errors import RequestError

# Lambda's refusals, where the function did not run. "API Gateway returns a 500" for those and a 502 for all that goes
# wrong in a function: "Handling Lambda errors with an API Gateway API" in Lambda's developer guide.
REFUSED: Mapping[str, GatewayResponseType] = {
    "TooManyRequestsException": GatewayResponseType.DEFAULT_5XX,
    "RequestTooLargeException": GatewayResponseType.REQUEST_TOO_LARGE,
}


class Invoke(Protocol):
    """Runs a function (its logical id) on an event; `trace` is the value of its X-Ray header."""

    def __call__(self, function: str, event: bytes, trace: str | None = None) -> Awaitable[Invocation]:
        """Run it. It may be refused; then the error type is Lambda's."""


class Integration:
    """Lambda proxy integration over `invoke`."""

    def __init__(self, invoke: Invoke, binary_types: Sequence[str]) -> None:
        self._invoke, self._binary_types = invoke, binary_types
        self._running: set[asyncio.Future[Invocation]] = set()

    async def respond(
        self, context: RequestContext, called: LambdaIntegration, receive: Receive
    ) -> HttpResponse | GatewayResponseType:
        """Return what the function responds, or the gateway response instead of it: `context.note` says why.

        A function that is out of time runs on, as on AWS: only nobody waits for it any more.
        """
        try:
            body = unpacked(await context.request.body(receive), context.request.header("content-encoding"))
        except UnsupportedEncoding:
            return GatewayResponseType.UNSUPPORTED_MEDIA_TYPE
        except RequestTooLarge:
            return GatewayResponseType.REQUEST_TOO_LARGE
        except RequestError:
            return GatewayResponseType.DEFAULT_4XX
        return await self._called(context, called, body)

    async def _called(
        self, context: RequestContext, called: LambdaIntegration, body: bytes
    ) -> HttpResponse | GatewayResponseType:
        event = proxy_event(context, body, self._binary_types)
        running = asyncio.ensure_future(self._invoke(called.function, event, context.trace))
        self._running.add(running)
        running.add_done_callback(self._forget)
        begun = time.perf_counter()
        done, _ = await asyncio.wait({running}, timeout=called.timeout_s)
        context.integration_ms = round((time.perf_counter() - begun) * 1000)
        if not done:
            context.note = f"{called.function} did not answer within {called.timeout_s:g} s"
            return GatewayResponseType.INTEGRATION_TIMEOUT
        return self._read(context, called, running.result())

    def _read(
        self, context: RequestContext, called: LambdaIntegration, invocation: Invocation
    ) -> HttpResponse | GatewayResponseType:
        if invocation.error_type is not None:
            context.note = f"{called.function}: {invocation.error_type}"
            return REFUSED.get(invocation.error_type, GatewayResponseType.INTEGRATION_FAILURE)
        try:
            return proxy_response(invocation.body, context.request.header("accept"), self._binary_types)
        except RequestError as exc:
            context.note = f"{called.function}: {exc}"
            return GatewayResponseType.INTEGRATION_FAILURE

    def _forget(self, running: asyncio.Future[Invocation]) -> None:
        self._running.discard(running)
        if not running.cancelled():
            running.exception()  # looked at: asyncio must not complain of what nobody waits for
