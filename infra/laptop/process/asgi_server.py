"""Serves one ASGI app on one port of this machine."""

import errno
import socket
from contextlib import nullcontext

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.laptop.errors import SetupError
from infra.laptop.process.http_protocol import PunctualProtocol
from infra.laptop.process.loopback_guard import REFUSAL, names_loopback

LOOPBACK = "127.0.0.1"
MAX_HEAD_BYTES = 64 * 1024  # request line and headers; more is answered with 400
GRACE_S = 2


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
            headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(REFUSAL)).encode())]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": REFUSAL.encode()})

    return guarded


def server(app: ASGIApp) -> uvicorn.Server:
    """A quiet server; `await server.serve(sockets=[bind(8000)])`, and `server.should_exit = True` ends it.

    Signals stay with who started it: uvicorn would take Ctrl-C for itself.
    """
    config = uvicorn.Config(
        app,
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
        timeout_graceful_shutdown=GRACE_S,
    )
    serving = uvicorn.Server(config)
    setattr(serving, "capture_signals", nullcontext)  # noqa: B010 mypy allows no assignment to a method
    return serving
