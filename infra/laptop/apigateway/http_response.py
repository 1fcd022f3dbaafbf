"""An HTTP response, as it goes back to the client."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from starlette.types import Send

BODILESS = frozenset({204, 304})  # RFC 9110, 6.4.1

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A complete HTTP response; `Content-Length` follows from the body.

    One `to_head` without a body does not say how long a body would have been (RFC 9110, 8.6).
    """

    status: int
    headers: Headers = ()
    body: bytes = b""
    to_head: bool = False

    def with_headers(self, more: Iterable[tuple[str, str]]) -> "HttpResponse":
        """The same response with headers added behind those it has."""
        return replace(self, headers=(*self.headers, *more))

    def without(self, prefix: str) -> "HttpResponse":
        """The same response without the headers whose lower-case names begin like this."""
        kept = tuple((name, value) for name, value in self.headers if not name.lower().startswith(prefix))
        return replace(self, headers=kept)

    async def send(self, send: Send) -> None:
        """Send it over ASGI."""
        body = b"" if self.status in BODILESS else self.body
        headers = [(name.lower().encode(), value.encode()) for name, value in self.headers]
        if self.status not in BODILESS and (body or not self.to_head):
            headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
