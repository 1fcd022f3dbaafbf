"""An HTTP client light enough for hundreds of connections in one loop; each stays open."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

SCORE = "/api/v1/score"
ANSWER_S = 30.0  # beyond API Gateway's own limit: nobody waits for ever


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


class Connection:
    """One caller with its key. A call without an answer raises OSError, EOFError or TimeoutError."""

    def __init__(self, gateway: str, key: str) -> None:
        parts = urlsplit(gateway)
        self._host, self._port, self._key = str(parts.hostname), parts.port, key
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def score(self, *transactions: Mapping[str, Any]) -> Reply:
        """Post transactions."""
        return await self.post(SCORE, json.dumps({"transactions": transactions}).encode())

    async def post(self, path: str, body: bytes) -> Reply:
        """One request, on the open connection if there is one."""
        async with asyncio.timeout(ANSWER_S):
            if self._streams is None or self._streams[0].at_eof():
                self.close()
                self._streams = await asyncio.open_connection(self._host, self._port)
            reader, writer = self._streams
            writer.write(self._head(path, len(body)) + body)
            return await _reply(reader)

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None

    def _head(self, path: str, length: int) -> bytes:
        lines = [f"POST {path} HTTP/1.1", f"Host: {self._host}:{self._port}", f"X-API-Key: {self._key}"]
        lines += ["Content-Type: application/json", f"Content-Length: {length}", "", ""]
        return "\r\n".join(lines).encode()


async def _reply(reader: asyncio.StreamReader) -> Reply:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    named = (line.partition(":") for line in lines if line)
    headers = {name.lower(): value.strip() for name, _, value in named}
    body = await reader.readexactly(int(headers["content-length"]))
    return Reply(int(first.split(" ")[1]), headers, body)


def clock() -> float:
    """Seconds, for differences."""
    return time.monotonic()
