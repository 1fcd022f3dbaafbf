"""A TCP proxy that fails on demand, as networks do: one thread, one loop, one address for good."""

import asyncio
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from urllib.parse import urlsplit

CHUNK_BYTES = 64 * 1024
DRIP_S = 0.1  # between two bytes of an answer: well inside the time-out of one read
LATE_S = 0.15  # for a part of an answer: a busy disk, and inside the time-out of one read too


class Mode(Enum):
    """What becomes of traffic."""

    PASS = auto()
    REFUSE = auto()  # open connections are reset, new ones refused
    BLACKHOLE = auto()  # whatever is sent disappears, on open connections and on new ones
    DRIP = auto()  # answers come a byte at a time
    SLOW = auto()  # each part of an answer comes late


class Proxy:
    """In front of `upstream`, a URL. Made by `proxied`."""

    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        self._host, self._port = parts.hostname, parts.port
        self._loop = asyncio.new_event_loop()
        self._place = _bound(0)
        self._mode = Mode.PASS
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._taken: int = self._place.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._taken}"

    def become(self, mode: Mode) -> None:
        """From now on. Connections that met a fault are reset when it is over."""
        asyncio.run_coroutine_threadsafe(self._become(mode), self._loop).result(10)

    async def _become(self, mode: Mode) -> None:
        if mode in {Mode.PASS, Mode.REFUSE}:
            for writer in self._writers:
                _reset(writer)
        self._mode = mode
        if mode is Mode.REFUSE:
            self._close()
        elif self._server is None:
            self._server = await asyncio.start_server(self._serve, sock=self._place)

    def _close(self) -> None:
        """Keep the port, so that nobody else takes it, and do not listen on it."""
        if self._server is not None:
            self._server.close()
            self._server, self._place = None, _bound(self._taken)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            up_reader, up_writer = await asyncio.open_connection(self._host, self._port)
        except OSError:
            _reset(writer)
            return
        self._writers |= {writer, up_writer}
        try:
            await asyncio.gather(self._requests(reader, up_writer), self._answers(up_reader, writer))
        except OSError:
            _reset(writer)
            _reset(up_writer)
        self._writers -= {writer, up_writer}

    async def _requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(CHUNK_BYTES):
            if self._mode is not Mode.BLACKHOLE:
                writer.write(chunk)
                await writer.drain()
        writer.close()

    async def _answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(CHUNK_BYTES):
            await asyncio.sleep(LATE_S if self._mode is Mode.SLOW else 0)
            for part in self._parts(chunk):
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(DRIP_S if self._mode is Mode.DRIP else 0)
        writer.close()

    def _parts(self, chunk: bytes) -> Iterator[bytes]:
        if self._mode is Mode.DRIP:
            yield from (chunk[i : i + 1] for i in range(len(chunk)))
        elif self._mode is not Mode.BLACKHOLE:
            yield chunk

    def run(self) -> None:
        """Until `end`. Listens from the first `become` on."""
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.run_until_complete(self._finish())
        self._loop.close()

    async def _finish(self) -> None:
        """What is cut off ends by itself."""
        self._close()
        self._place.close()
        for writer in self._writers:
            _reset(writer)
        if others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)

    def end(self) -> None:
        """Stop; from another thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)


@contextmanager
def proxied(upstream: str) -> Iterator[Proxy]:
    """A proxy that passes everything at first."""
    proxy = Proxy(upstream)
    thread = threading.Thread(target=proxy.run)
    thread.start()
    try:
        proxy.become(Mode.PASS)
        yield proxy
    finally:
        proxy.end()
        thread.join()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close at once and say so: with a linger of 0 s the system sends RST."""
    if not writer.transport.is_closing():
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _bound(port: int) -> socket.socket:
    place = socket.socket()
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    place.bind(("127.0.0.1", port))
    return place
