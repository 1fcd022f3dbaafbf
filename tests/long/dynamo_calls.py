"""A proxy before a DynamoDB that counts the calls that pass, and those among them that name one table."""

import asyncio
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

CHUNK_BYTES = 256 * 1024
SPLIT = 80  # bytes that are looked at again, where a word may have been cut in two


@dataclass(slots=True)
class DynamoCalls:
    """What passed so far, by operation."""

    table: str
    url: str = ""
    all: Counter[str] = field(default_factory=Counter)
    of_table: Counter[str] = field(default_factory=Counter)

    def clear(self) -> None:
        """Begins anew."""
        self.all.clear()
        self.of_table.clear()


@contextmanager
def counted(upstream: str, table: str) -> Iterator[DynamoCalls]:
    """Counts while the block runs; what is to be counted goes to the `url`."""
    calls, loop, listening, over = DynamoCalls(table), asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        thread = threading.Thread(target=runner.run, args=(_serve(calls, upstream, listening, over),))
        thread.start()
        try:
            assert listening.wait(60)
            yield calls
        finally:
            loop.call_soon_threadsafe(over.set)
            thread.join()


async def _serve(calls: DynamoCalls, upstream: str, listening: threading.Event, over: asyncio.Event) -> None:
    parts = urlsplit(upstream)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection(parts.hostname, parts.port)
        seen = _Seen(calls)
        with suppress(asyncio.CancelledError):  # at the end
            await asyncio.gather(_passed(reader, up_writer, seen), _passed(up_reader, writer), return_exceptions=True)

    async with await asyncio.start_server(connected, "127.0.0.1", 0) as server:
        calls.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        listening.set()
        await over.wait()


async def _passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: "_Seen | None" = None) -> None:
    try:
        while chunk := await reader.read(CHUNK_BYTES):
            if seen is not None:
                seen.look(chunk)
            writer.write(chunk)
            await writer.drain()
    finally:
        writer.close()


class _Seen:
    """The requests of one connection, which come one after the other."""

    def __init__(self, calls: DynamoCalls) -> None:
        self._calls = calls
        self._words = re.compile(rb"\r\nX-Amz-Target: DynamoDB_\d+\.(\w+)\r|\"" + calls.table.encode() + rb'"', re.I)
        self._rest, self._operation, self._named = b"", "", False

    def look(self, chunk: bytes) -> None:
        text, end = self._rest + chunk, 0
        for found in self._words.finditer(text):
            end = found.end()
            if found[1]:
                self._operation, self._named = found[1].decode(), False
                self._calls.all[self._operation] += 1
            elif not self._named:
                self._named = True
                self._calls.of_table[self._operation] += 1
        self._rest = text[max(end, len(text) - SPLIT) :]
