"""Bodies unpacked and packed, as API Gateway does it: "Payload compression for REST APIs" in its developer guide.

A request's is unpacked for every REST API before a function sees it; the `Content-Encoding` header is handed on
although nothing is packed any more, as on AWS. A response's is packed where the API has a `minimumCompressionSize`.
"""

import zlib
from collections.abc import Mapping
from dataclasses import replace

from infra.laptop.apigateway.http_request import MAX_BODY_BYTES, RequestTooLarge
from infra.laptop.apigateway.http_response import HttpResponse
from infra.laptop.errors import RequestError

GZIP, ZLIB, BARE = 31, 15, -15  # zlib's `wbits` for RFC 1952, 1950 and 1951
FORMATS: Mapping[str, tuple[int, ...]] = {"gzip": (GZIP,), "deflate": (ZLIB, BARE)}  # many senders' deflate is bare
RESPONSE_FORMATS = {"gzip": GZIP, "deflate": ZLIB}
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


def packed(response: HttpResponse, accept_encoding: str | None, at_least: int | None) -> HttpResponse:
    """The response in the first coding that the client takes, where its body has `at_least` so many bytes."""
    accepted = [one.partition(";")[0].strip().lower() for one in (accept_encoding or "").split(",")]
    coding = next((one for one in accepted if one in RESPONSE_FORMATS), None)
    coded = any(name.lower() == "content-encoding" for name, _ in response.headers)
    if coding is None or coded or at_least is None or len(response.body) < at_least:
        return response
    stream = zlib.compressobj(wbits=RESPONSE_FORMATS[coding])
    body = stream.compress(response.body) + stream.flush()
    return replace(response, body=body).with_headers((("content-encoding", coding),))


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
