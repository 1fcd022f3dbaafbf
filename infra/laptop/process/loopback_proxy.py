"""The loopback guard in front of a program that speaks HTTP: each request's head is looked at, the rest passed on."""

import asyncio
import re
from functools import lru_cache

from infra.laptop.process.loopback_guard import REFUSAL, is_local

HEAD_BYTES = 64 * 1024
HEAD_S = 10.0  # for a head that has begun, or a client that says nothing at all

ADDRESS = "127.0.0.1"
HEAD_END = b"\r\n\r\n"
CALLER = re.compile(rb"\r\n(host|origin|sec-fetch-site)[ \t]*:[ \t]*([^\r\n]*)", re.I)
FRAMING = re.compile(rb"\r\n(content-length|transfer-encoding)[ \t]*:[ \t]*([^\r\n]*)", re.I)


class LoopbackProxy(asyncio.Protocol):
    """One client's connection: every request's head is looked at, all else is passed on as it is."""

    def __init__(self, inner_port: int, head_s: float = HEAD_S) -> None:
        self._inner_port, self._head_s = inner_port, head_s
        self._held = bytearray()  # a head that is not complete, or what came before the program took the connection
        self._left = 0  # bytes of the request that is being passed on
        self._upstream: asyncio.Transport | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Give the client some time for its first head."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 a TCP connection
        self.transport = transport
        self._timer = asyncio.get_running_loop().call_later(self._head_s, transport.close)

    def data_received(self, data: bytes) -> None:
        """Pass on what belongs to an admitted request."""
        if self._left >= len(data) and self._upstream is not None and not self._held:
            self._left -= len(data)
            self._upstream.write(data)
            return
        self._held += data
        if self._upstream is not None:
            self._pass_on()
        elif self._connecting is None:
            self._connecting = asyncio.ensure_future(self._connect())

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 asyncio hands it over
        """End the program's side, too."""
        self._rest()
        if self._connecting is not None:
            self._connecting.cancel()
        if self._upstream is not None:
            self._upstream.close()

    def pause_writing(self) -> None:
        """Read no more of the program than the client takes."""
        if self._upstream is not None:
            self._upstream.pause_reading()

    def resume_writing(self) -> None:
        """Go on reading."""
        if self._upstream is not None:
            self._upstream.resume_reading()

    async def _connect(self) -> None:
        """Connect once the first head is there, so that a client that says nothing costs the program nothing."""
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: _Upstream(self), ADDRESS, self._inner_port)
        except OSError:
            self.refuse(b"503 Service Unavailable", b"The program behind this port is starting again\n")

    def connected(self, upstream: asyncio.Transport) -> None:
        """Take the program's side of the connection."""
        self._upstream = upstream
        if self.transport.is_closing():
            upstream.close()
        else:
            self._pass_on()

    def _pass_on(self) -> None:
        upstream = self._upstream
        assert upstream is not None  # noqa: S101 only called with one
        while self._held:
            if self._left == 0 and not self._admitted():
                return
            part = bytes(self._held[: self._left])
            del self._held[: self._left]
            self._left -= len(part)
            upstream.write(part)

    def _admitted(self) -> bool:
        """Whether the next head is there and may pass; then it is to be passed on with its body."""
        end = self._held.find(HEAD_END)
        if end < 0:
            self._wait_for_head()
            return False
        self._rest()
        framing = FRAMING.findall(self._held, 0, end)
        if not _is_local(tuple(CALLER.findall(self._held, 0, end))):
            self.refuse(b"403 Forbidden", REFUSAL.encode())
        elif len(framing) > 1 or not all(value.isdigit() for _, value in framing):
            self.refuse(b"411 Length Required", b"A body needs one Content-Length\n")
        else:
            self._left = end + len(HEAD_END) + sum(int(value) for _, value in framing)
            return True
        return False

    def _wait_for_head(self) -> None:
        if len(self._held) > HEAD_BYTES:
            self.refuse(b"431 Request Header Fields Too Large", b"The head is too long\n")
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._head_s, self.transport.close)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def refuse(self, status: bytes, said: bytes) -> None:
        """Answer instead of the program, and hang up."""
        head = b"HTTP/1.1 %b\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
        self._held.clear()
        self.transport.write(head % (status, len(said)) + said)
        self.transport.close()


@lru_cache
def _is_local(named: tuple[tuple[bytes, bytes], ...]) -> bool:
    """Whether each of these headers may pass, and a host is among them: one that comes twice is two."""
    told = [(name.lower().decode(), value.decode("latin-1")) for name, value in named]
    return "host" in dict(told) and all(is_local({"host": "localhost", name: value}) for name, value in told)


class _Upstream(asyncio.Protocol):
    """The program's side of a connection."""

    def __init__(self, client: LoopbackProxy) -> None:
        self._client = client

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 a TCP connection
        self._transport = transport
        self._client.connected(transport)

    def data_received(self, data: bytes) -> None:
        self._client.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 asyncio hands it over
        self._client.transport.close()

    def pause_writing(self) -> None:
        self._client.transport.pause_reading()

    def resume_writing(self) -> None:
        self._client.transport.resume_reading()
