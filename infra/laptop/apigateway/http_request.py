"""One HTTP request as it came in: nothing decoded that API Gateway would not decode."""

import asyncio
import re
from dataclasses import dataclass

from starlette.types import Receive, Scope

from infra.laptop.errors import RequestError

MAX_BODY_BYTES = 10 * 1024 * 1024  # API Gateway's payload quota
MAX_HEAD_BYTES = 10_240  # its quota for "request line and header values"
BODY_TIMEOUT_S = 30.0
ORIGIN_OF_ABSOLUTE_FORM = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/]*")  # RFC 9112, 3.2.2


class RequestTooLarge(RequestError):
    """The body is over API Gateway's payload quota."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """An HTTP request.

    `path` and `query` are percent-encoded, as sent; header names are in lower case, in the order they came.
    """

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    client: str
    port: int
    protocol: str

    @classmethod
    def from_scope(cls, scope: Scope) -> "HttpRequest":
        """The request of an ASGI scope of type `http`."""
        target = scope["raw_path"].decode("latin-1")
        return cls(
            method=scope["method"],
            path=_without_origin(target) or "/",
            query=scope["query_string"].decode("latin-1"),
            headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]),
            client=(scope.get("client") or ("127.0.0.1",))[0],
            port=(scope.get("server") or ("", 0))[1],
            protocol=f"HTTP/{scope['http_version']}",
        )

    def header(self, name: str) -> str | None:
        """The last value of a header, named in lower case."""
        return next((value for one, value in reversed(self.headers) if one == name), None)

    @property
    def head_bytes(self) -> int:
        """The bytes of the request line and of the headers' values."""
        line = len(f"{self.method} {self.path}?{self.query} {self.protocol}")
        return line + sum(len(value) for _, value in self.headers)

    async def body(self, receive: Receive, timeout_s: float = BODY_TIMEOUT_S) -> bytes:
        """Receive the whole body.

        Raises:
            RequestTooLarge: over 10 MB; said before it is read where the client names the length.
            RequestError: it did not arrive in time, or the client hung up.
        """
        if int(self.header("content-length") or 0) > MAX_BODY_BYTES:
            raise RequestTooLarge(f"The body is over {MAX_BODY_BYTES} bytes")
        try:
            async with asyncio.timeout(timeout_s):
                return await _all_of(receive)
        except TimeoutError as exc:
            raise RequestError(f"The body did not arrive within {timeout_s} s") from exc


def _without_origin(target: str) -> str:
    found = ORIGIN_OF_ABSOLUTE_FORM.match(target)  # at the start only: searching on is quadratic in a long target
    return target[found.end() :] if found else target


async def _all_of(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RequestError("The client hung up before its body was here")
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            raise RequestTooLarge(f"The body is over {MAX_BODY_BYTES} bytes")
        if not message.get("more_body", False):
            return bytes(body)
