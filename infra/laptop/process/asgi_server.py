"""Serves one ASGI app on one port of this machine."""

import asyncio
import errno
import socket
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infra.laptop.errors import SetupError
from infra.laptop.process.http_protocol import PunctualProtocol
from infra.laptop.process.loopback_guard import REFUSAL, names_loopback

LOOPBACK = "127.0.0.1"
MAX_HEAD_BYTES = 64 * 1024  # request line and headers; more is answered with 400
GRACE_S = 2
STOPPING = "The server stops."


def bind(port: int) -> socket.socket:
    """A listening socket on 127.0.0.1; port 0 takes a free one.

    Raises:
        SetupError: somebody else is there.
    """
    # The protocol is named because asyncio sends small answers at once only where it is: else each waits 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
        listening.listen(1024)
    except OSError as exc:
        listening.close()
        if exc.errno in (errno.EADDRINUSE, errno.EACCES):
            raise SetupError(f"Port {port} of {LOOPBACK} cannot be had: {exc.strerror}") from exc
        raise
    return listening


def for_loopback_names(app: ASGIApp) -> ASGIApp:
    """Return `app`, refusing what names another host: a web page may have rebound its own name to this machine."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        names = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if names and all(map(names_loopback, names)):
            await app(scope, receive, send)
        else:
            await _refuse(send, 403, REFUSAL)

    return guarded


class _Server(uvicorn.Server):
    """A server that says nothing as it stops: a request that outlives the grace is answered with 503."""

    def __init__(self, config: uvicorn.Config, grace_s: float) -> None:
        super().__init__(config)
        self._grace_s = grace_s

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave the signals with who started it: uvicorn would take Ctrl-C for itself."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, wait for the requests under way, and end what still runs after the grace."""
        ending = asyncio.get_running_loop().call_later(self._grace_s, self._end_requests)
        try:
            await super().shutdown(sockets)
        finally:
            ending.cancel()

    def _end_requests(self) -> None:
        for task in list(self.server_state.tasks):
            task.cancel()


def _answering(app: ASGIApp) -> ASGIApp:
    """Return `app`, answering for it where the server's stop ends it: uvicorn would print a traceback."""

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await app(scope, receive, noted)
        except asyncio.CancelledError:  # nobody else cancels a request
            if not begun:
                await _refuse(send, 503, STOPPING)

    return answering


async def _refuse(send: Send, status: int, reason: str) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(reason)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": reason.encode()})


def server(app: ASGIApp, grace_s: float = GRACE_S) -> uvicorn.Server:
    """A quiet server; `await server.serve(sockets=[bind(8000)])`, and `server.should_exit = True` ends it.

    Requests under way have `grace_s` to end then.
    """
    config = uvicorn.Config(
        _answering(app),
        http=PunctualProtocol,
        loop="asyncio",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        timeout_graceful_shutdown=round(grace_s) + 2,  # `_Server` has ended everything by then
    )
    return _Server(config, grace_s)
