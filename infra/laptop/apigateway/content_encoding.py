"""A request's body unpacked, as API Gateway does it for every REST API before a function sees it.

"Payload compression for REST APIs" in its developer guide; `minimumCompressionSize` is about responses only. The
`Content-Encoding` header is handed on although nothing is packed any more, as on AWS.
"""

import zlib
from collections.abc import Mapping

from infra.laptop.apigateway.http_request import MAX_BODY_BYTES, RequestTooLarge
from infra.laptop.errors import RequestError

GZIP, ZLIB, BARE = 31, 15, -15  # zlib's `wbits` for RFC 1952, 1950 and 1951
FORMATS: Mapping[str, tuple[int, ...]] = {"gzip": (GZIP,), "deflate": (ZLIB, BARE)}  # many senders' deflate is bare
AS_IT_IS = frozenset({"", "identity"})


class UnsupportedEncoding(RequestError):
    """The coding is none of API Gateway's, or the body is not so encoded."""


def unpacked(body: bytes, content_encoding: str | None) -> bytes:
    """The body without its coding; nothing stays nothing.

    Raises:
        UnsupportedEncoding: another coding, several of them, or a body that is not what its header says.
        RequestTooLarge: it has more than 10 MB when it is unpacked.
    """
    coding = (content_encoding or "").strip().lower()
    if coding in AS_IT_IS or (not body and coding in FORMATS):
        return body
    for wbits in FORMATS.get(coding, ()):
        try:
            return _inflated(body, wbits)
        except zlib.error:
            continue
    raise UnsupportedEncoding(f"The body is not {coding} as API Gateway knows it")


def _inflated(body: bytes, wbits: int) -> bytes:
    """All members of it. Raises zlib.error for what is no such stream or is cut off."""
    found = bytearray()
    while body:
        stream = zlib.decompressobj(wbits)
        found += stream.decompress(body, MAX_BODY_BYTES + 1 - len(found))
        if len(found) > MAX_BODY_BYTES:
            raise RequestTooLarge(f"The body is over {MAX_BODY_BYTES} bytes when it is unpacked")
        if not stream.eof or (stream.unused_data and wbits != GZIP):  # only gzip's members may follow each other
            raise zlib.error("The stream is cut off, or something follows it")
        body = stream.unused_data
    return bytes(found)
