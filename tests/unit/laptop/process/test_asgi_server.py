"""A place to listen: only here, and without the wait that small answers would have."""

import asyncio
import socket

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.laptop.errors import SetupError
from infra.laptop.process.asgi_server import bind, server


def delay_is_off(listening: socket.socket) -> bool:
    """Whether asyncio, given this place, sends what little there is at once."""
    seen: list[bool] = []

    class Look(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            accepted = transport.get_extra_info("socket")
            seen.append(bool(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
            transport.close()

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        serving = await loop.create_server(Look, sock=listening)
        async with serving:
            reader, writer = await asyncio.open_connection(*listening.getsockname())
            await reader.read()
            writer.close()
            await writer.wait_closed()

    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(serve())
    finally:
        loop.close()
    return all(seen) and bool(seen)


def test_an_answer_is_sent_at_once() -> None:
    assert delay_is_off(bind(0))


def test_a_socket_that_names_no_protocol_would_wait() -> None:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.bind(("127.0.0.1", 0))
    assert not delay_is_off(listening)


def test_nobody_elsewhere_reaches_it() -> None:
    with bind(0) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"


def test_a_port_that_is_taken_is_refused() -> None:
    with bind(0) as listening, pytest.raises(SetupError, match="cannot be had"):
        bind(listening.getsockname()[1])


async def never(scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.Event().wait()


async def stopped_under(app: ASGIApp) -> bytes:
    """What a request is answered that is under way as the server stops."""
    listening = bind(0)
    serving = server(app, grace_s=0.05)
    task = asyncio.ensure_future(serving.serve(sockets=[listening]))
    reader, writer = await asyncio.open_connection(*listening.getsockname())
    writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    while not serving.server_state.tasks:
        await asyncio.sleep(0.01)
    serving.should_exit = True
    try:
        return await reader.read()
    finally:
        writer.close()
        await task


def test_what_outlives_the_stop_is_told_that_the_server_stops() -> None:
    assert asyncio.run(stopped_under(never)).startswith(b"HTTP/1.1 503")
