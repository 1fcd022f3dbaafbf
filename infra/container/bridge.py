"""An address at which containers reach the AWS services of the laptop cloud, and nobody else does.

The services listen on 127.0.0.1, which a container cannot reach. The bridge listens where containers can, and passes on
what is signed with the access key that it made up itself, which only those containers are told. A signature names its
service, so one address serves all.
"""

import asyncio
import hmac
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

HEAD_BYTES = 64 * 1024
CHUNK_BYTES = 256 * 1024
SIGNED = re.compile(rb"\r\n(Authorization:[^\r\n]*Credential=)(\w+)(/\d{8}/[\w-]+/)([\w-]+)(/aws4_request)", re.I)
HOST = re.compile(rb"\r\nHost:[^\r\n]*", re.I)
LENGTH = re.compile(rb"\r\nContent-Length:[ \t]*(\d+)", re.I)
CHUNKED = re.compile(rb"\r\nTransfer-Encoding:", re.I)
REFUSAL = b"HTTP/1.1 %b\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b"


class NotPassedOn(Exception):
    """A request that is not passed on: its status, and why."""

    def __init__(self, status: str, said: str) -> None:
        super().__init__(said)
        self.status = status


@dataclass(frozen=True, slots=True)
class Services:
    """Where the services answer, by the name that signatures have; `others` for all that have no address of their own.

    `key` is the access key that they know.
    """

    others: str
    own: Mapping[str, str]
    key: str

    def of(self, name: str) -> str:
        """The URL of a service."""
        return self.own.get(name, self.others)


@asynccontextmanager
async def bridge(address: str, services: Services, access_key: str) -> AsyncIterator[int]:
    """Listens at an address of this machine while the block runs; its port. Raises OSError: the address is not ours."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):  # whoever hangs up
            await _Connection(services, access_key, reader, writer).run()
        writer.close()

    server = await asyncio.start_server(connected, address, 0, limit=HEAD_BYTES)
    async with server:
        yield server.sockets[0].getsockname()[1]


def admitted(head: bytes, services: Services, access_key: str) -> tuple[str, bytes]:
    """Where a request goes, and its head as it is passed on. Raises NotPassedOn: it is not signed with that key."""
    found = SIGNED.search(head)
    if found is None or not hmac.compare_digest(found[2], access_key.encode()):
        raise NotPassedOn("403 Forbidden", "Only the containers of this run are answered here\n")
    if CHUNKED.search(head) or len(LENGTH.findall(head)) > 1:
        raise NotPassedOn("411 Length Required", "A body needs one Content-Length\n")
    upstream = services.of(found[4].decode())
    signed = head[: found.start(2)] + services.key.encode() + head[found.end(2) :]
    return upstream, HOST.sub(b"\r\nHost: " + urlsplit(upstream).netloc.encode(), signed)


class _Connection:
    """One connection of a container, which talks to one service only, as clients of the SDK do."""

    def __init__(
        self, services: Services, access_key: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._services, self._access_key = services, access_key
        self._reader, self._writer = reader, writer
        self._upstream = ""

    async def run(self) -> None:
        """Passes requests on, one after the other, until either side hangs up or one is refused."""
        responses: asyncio.Task[None] | None = None
        up: asyncio.StreamWriter | None = None
        try:
            while not self._reader.at_eof():
                head = await self._reader.readuntil(b"\r\n\r\n")
                upstream, passed = admitted(head, self._services, self._access_key)
                if up is None:
                    self._upstream = upstream
                    parts = urlsplit(upstream)
                    responding, up = await asyncio.open_connection(parts.hostname, parts.port)
                    responses = asyncio.ensure_future(self._respond(responding))
                elif upstream != self._upstream:
                    raise NotPassedOn("421 Misdirected Request", "One connection is for one service\n")
                up.write(passed)
                await self._body(up, head)
        except NotPassedOn as refused:
            said = str(refused).encode()
            self._writer.write(REFUSAL % (refused.status.encode(), len(said), said))
            await self._writer.drain()
        finally:
            if up is not None:
                up.close()
            if responses is not None:
                responses.cancel()

    async def _body(self, up: asyncio.StreamWriter, head: bytes) -> None:
        found = LENGTH.search(head)
        left = int(found[1]) if found else 0
        while left > 0:
            chunk = await self._reader.read(min(left, CHUNK_BYTES))
            if not chunk:
                raise asyncio.IncompleteReadError(b"", left)
            left -= len(chunk)
            up.write(chunk)
            await up.drain()
        await up.drain()

    async def _respond(self, responding: asyncio.StreamReader) -> None:
        with suppress(OSError):
            while chunk := await responding.read(CHUNK_BYTES):
                self._writer.write(chunk)
                await self._writer.drain()
        self._writer.close()
