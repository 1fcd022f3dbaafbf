"""Bodies that come packed (RFC 9110, 8.4): gzip and deflate. API Gateway unpacks them itself and keeps the header."""

import zlib

from fraudshield.errors import Malformed, TooLarge, UnsupportedCoding

GZIP, ZLIB, RAW = 31, 15, -15  # zlib's wbits: a gzip member, a zlib stream, a deflate stream without a frame
GZIP_MAGIC = b"\x1f\x8b"
IDENTITY = frozenset({"", "identity"})
ACCEPTED = "gzip, deflate, identity"
MOST_MEMBERS = 1000  # of one gzip file; each costs as much as a small body


def unpacked(body: bytes, coding: str, most_bytes: int) -> bytes:
    """The body as it was before its Content-Encoding; as it stands where somebody before us has unpacked it.

    Raises:
        UnsupportedCoding: it is coded otherwise, or twice.
        Malformed: it is damaged.
        TooLarge: it has more than `most_bytes`.
    """
    name = coding.strip().lower()
    if name in IDENTITY:
        return body
    if name in {"gzip", "x-gzip"}:
        return _gzip(body, most_bytes)
    if name == "deflate":
        return _deflate(body, most_bytes)
    raise UnsupportedCoding(f"The Content-Encoding {coding[:80]} is not taken; {ACCEPTED} are")


def _gzip(body: bytes, most_bytes: int) -> bytes:
    if not body.startswith(GZIP_MAGIC):
        return _as_it_stands(body, "gzip")
    found = bytearray()
    for _ in range(MOST_MEMBERS):
        member, body = _stream(body, GZIP, most_bytes, len(found))
        found += member
        if not body.strip(b"\0"):  # which some writers fill a block with
            return bytes(found)
    raise _damaged("gzip")


def _deflate(body: bytes, most_bytes: int) -> bytes:
    framed = len(body) > 1 and body[0] & 15 == zlib.DEFLATED and int.from_bytes(body[:2]) % 31 == 0  # RFC 1950, 2.2
    if not framed and _is_text(body):
        return body
    found, rest = _stream(body, ZLIB if framed else RAW, most_bytes, 0)
    if rest:
        raise _damaged("deflate")
    return found


def _stream(packed: bytes, wbits: int, most_bytes: int, before: int) -> tuple[bytes, bytes]:
    """One stream, and what stands behind it; no more is unpacked than may be there."""
    stream = zlib.decompressobj(wbits)
    try:
        found = stream.decompress(packed, most_bytes - before + 1)
    except zlib.error as exc:
        raise _damaged("gzip" if wbits == GZIP else "deflate") from exc
    if before + len(found) > most_bytes:
        raise TooLarge(f"The body has more than {most_bytes} bytes when it is unpacked")
    if not stream.eof:
        raise _damaged("gzip" if wbits == GZIP else "deflate")
    return found, stream.unused_data


def _as_it_stands(body: bytes, coding: str) -> bytes:
    if not _is_text(body):
        raise _damaged(coding)
    return body


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _damaged(coding: str) -> Malformed:
    return Malformed(f"The body is not the {coding} that its Content-Encoding says, or it is damaged", code="damaged")
