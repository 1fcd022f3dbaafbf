"""The Lambda Runtime API 2018-06-01, as one worker's process sees it.

Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
The only client is a process of ours, so the HTTP is what runtime clients speak: HTTP/1.1, keep-alive, Content-Length.
"""

import asyncio
import json
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from infra.laptop.awslambda.invocation import RESPONSE_BYTES, FunctionResponse, InvocationRequest, response_too_large

PREFIX = "/2018-06-01/runtime"
HEAD_BYTES = 2 * 1024 * 1024  # awslambdaric tells a failure's cause in a header of up to 1 MiB
DRAIN_BYTES = 64 * 1024
HEAD_S = 10.0  # from a connection to its first head; later ones come when the function is done
HANG_UP_S = 0.1  # longer only where a process that the worker started has kept its connection
PHRASES = {200: "OK", 202: "Accepted", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 413: "Too Large"}


@dataclass(frozen=True, slots=True)
class _WorkerRequest:
    """A request of the worker's. `body` is None when it was too large and thrown away."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None


class RuntimeApi:
    """Hands requests to one worker and takes its responses. Belongs to the loop it is made in."""

    def __init__(self) -> None:
        self._initialised: asyncio.Future[FunctionResponse | None] = asyncio.get_running_loop().create_future()
        self._requests: asyncio.Queue[tuple[InvocationRequest, int]] = asyncio.Queue(1)
        self._pending: tuple[str, asyncio.Future[FunctionResponse]] | None = None
        self._conversations: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._reset = False
        self._arn = ""
        self.address = ""

    @property
    def initialised(self) -> "asyncio.Future[FunctionResponse | None]":
        """Done when the worker asks for its first request (None) or reports why it never will."""
        return self._initialised

    async def listen(self, arn: str) -> None:
        """Open a port of this worker's own on 127.0.0.1: `address`."""
        self._arn = arn
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=HEAD_BYTES)
        self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def offer(self, request: InvocationRequest, deadline_ms: int) -> "asyncio.Future[FunctionResponse]":
        """Give the worker its next request; the deadline is in epoch milliseconds."""
        response: asyncio.Future[FunctionResponse] = asyncio.get_running_loop().create_future()
        self._pending = (request.request_id, response)
        self._requests.put_nowait((request, deadline_ms))
        return response

    async def unread(self) -> bool:
        """Whether a process that has ended never read its last request, so that nothing of it was done.

        A socket closed over unread bytes, or written to after its end, resets its connection; one that has read
        all merely ends it.
        """
        if self._conversations:
            await asyncio.wait(self._conversations, timeout=HANG_UP_S)
        return self._reset or not self._requests.empty()

    def close(self) -> None:
        """Free the port and drop the connections."""
        if self._server is not None:
            self._server.close()
        for task in self._conversations:
            task.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._converse(reader, writer))
        self._conversations.add(task)
        task.add_done_callback(self._conversations.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(HEAD_S):
                request = await _read(reader)
            while True:
                if request.path == f"{PREFIX}/invocation/next" and self._admits(request):
                    writer.writelines(await self._next(reader))
                else:
                    writer.writelines(_reply(*self._take(request)))
                await writer.drain()
                request = await _read(reader)
        except (TimeoutError, ValueError, asyncio.LimitOverrunError):  # no runtime client writes such a head
            return
        except asyncio.IncompleteReadError:
            self._reset |= _was_reset(writer)
        except ConnectionError:
            self._reset = True
        finally:
            writer.close()

    def _admits(self, request: _WorkerRequest) -> bool:
        """Whether a request is not from a page in a browser: that would name another host, or itself."""
        named = request.headers
        return named.get("host") == self.address and "sec-fetch-site" not in named and "origin" not in named

    async def _next(self, reader: asyncio.StreamReader) -> list[bytes]:
        if not self._initialised.done():
            self._initialised.set_result(None)
        request, deadline_ms = await self._requests.get()
        if reader.at_eof():  # died while it waited
            raise ConnectionResetError
        headers = {
            "Lambda-Runtime-Aws-Request-Id": request.request_id,
            "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": self._arn,
            "Lambda-Runtime-Trace-Id": request.trace,
        }
        return _reply(200, request.event, headers)

    def _take(self, request: _WorkerRequest) -> tuple[int, bytes]:
        """The status and body for a response or an error of the worker's."""
        if not self._admits(request):
            return 403, _fault("Forbidden", "This port belongs to a worker")
        if (request.method, request.path) == ("POST", f"{PREFIX}/init/error") and not self._initialised.done():
            self._initialised.set_result(FunctionResponse.raised(request.body or b""))
            return 202, b'{"status":"OK"}\n'
        _, _, operation = request.path.partition(f"{PREFIX}/invocation/")
        request_id, _, kind = operation.partition("/")
        if request.method != "POST" or kind not in {"response", "error"}:
            return 404, _fault("NotFound", "No such operation")
        if self._pending is None or self._pending[0] != request_id or self._pending[1].done():
            return 400, _fault("InvalidRequestID", "Invalid request ID")
        if request.body is None:
            self._pending[1].set_result(response_too_large())
            return 413, _fault("RequestEntityTooLarge", f"Exceeded maximum allowed size ({RESPONSE_BYTES} bytes)")
        self._pending[1].set_result(
            FunctionResponse.raised(request.body) if kind == "error" else FunctionResponse(request.body)
        )
        return 202, b'{"status":"OK"}\n'


def _was_reset(writer: asyncio.StreamWriter) -> bool:
    """Whether the connection was reset. Reading may have told of its end only; the reset waits on the socket."""
    error: int = writer.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    return error != 0


async def _read(reader: asyncio.StreamReader) -> _WorkerRequest:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *fields = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
    return _WorkerRequest(method, path, headers, await _body(reader, int(headers.get("content-length", 0))))


async def _body(reader: asyncio.StreamReader, length: int) -> bytes | None:
    if length <= RESPONSE_BYTES:
        return await reader.readexactly(length)
    while length > 0:
        length -= len(await reader.readexactly(min(length, DRAIN_BYTES)))
    return None


def _reply(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> list[bytes]:
    return ["".join(_head(status, len(body), headers or {})).encode("latin-1"), body]


def _head(status: int, length: int, headers: Mapping[str, str]) -> Iterator[str]:
    yield f"HTTP/1.1 {status} {PHRASES[status]}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n"
    for name, value in headers.items():
        yield f"{name}: {value}\r\n"
    yield "\r\n"


def _fault(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()
