"""Lambda's Invoke operation, for SDKs and the AWS CLI.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

import json
import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from infra.laptop.awslambda.invocation import Invocation
from infra.laptop.awslambda.runtime import Runtime
from infra.laptop.errors import RequestError
from infra.laptop.process.loopback_guard import is_local

INVOKE = re.compile(r"/2015-03-31/functions/(?:arn:[^/]*:function:)?(?P<function>[^:/]+)(?::[^/]*)?/invocations")
WAIT_S = 300.0  # for a worker: a map of many chunks has fewer of them here than on AWS
STATUS = {"TooManyRequestsException": 429, "RequestTooLargeException": 413}  # refused: the function never ran


class LambdaApi:
    """Lambda's endpoint as an ASGI app. It knows `Invoke` and no other operation."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await (await self._respond(Request(scope, receive)))(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        if not is_local(request.headers):
            return _refusal(403, "AccessDeniedException", "Only programs of this machine are answered here")
        called = INVOKE.fullmatch(request.url.path)
        if called is None or request.method != "POST":
            return _refusal(404, "UnknownOperationException", "Only Invoke is known here")
        event = await request.body() or b"{}"
        try:
            return await self._invoked(called["function"], event, request.headers.get("x-amz-invocation-type", ""))
        except RequestError as exc:
            return _refusal(404, "ResourceNotFoundException", str(exc))

    async def _invoked(self, function: str, event: bytes, kind: str) -> Response:
        try:
            json.loads(event)
        except ValueError:
            return _refusal(400, "InvalidRequestContentException", "Could not parse request body into json")
        if kind == "Event":
            return _responded(await self._runtime.invoke_event(function, event), 202)
        return _responded(await self._runtime.invoke(function, event, wait_s=WAIT_S), 200)


def _responded(invocation: Invocation, status: int) -> Response:
    if invocation.error_type in STATUS:
        message = json.loads(invocation.body)["errorMessage"]
        return _refusal(STATUS[invocation.error_type], invocation.error_type, message)
    headers = {"X-Amz-Executed-Version": "$LATEST", "x-amzn-RequestId": invocation.request_id}
    if invocation.error is not None:
        headers["X-Amz-Function-Error"] = invocation.error
    return Response(invocation.body, status, headers, media_type="application/json")


def _refusal(status: int, kind: str, message: str) -> Response:
    body = json.dumps({"Type": "User", "Message": message, "message": message})
    return Response(body, status, {"x-amzn-ErrorType": kind}, media_type="application/json")
