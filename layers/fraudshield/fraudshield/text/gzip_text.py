"""Text that is packed with gzip, of one member or several (RFC 1952, 2.2), unpacked as it is read."""

import re
import zlib
from collections.abc import Iterable, Iterator

from fraudshield.errors import Malformed, TooLarge

GZIP = b"\x1f\x8b"
LINE_END = re.compile(rb"[\r\n]")
MOST_BYTES = 2 << 30  # unpacked: about 25 million rows, four minutes of one chunk
STEP_BYTES = 1 << 20  # unpacked at a time, whatever the packed bytes promise
ADVICE = "which one chunk cannot hold; upload it unpacked"


def gunzip(blocks: Iterable[bytes], most_bytes: int = MOST_BYTES, advice: str = ADVICE) -> Iterator[bytes]:
    """Yields the unpacked bytes, a mebibyte at a time; of several members one after the other, as gzip does.

    Raises:
        TooLarge: the text has more than `most_bytes`; raised when they have been unpacked. It ends with `advice`.
        Malformed: the gzip is damaged, or cut before its end.
    """
    member, total, left = _member(), 0, b""
    for block in blocks:
        left += block
        while left:
            if member.eof:
                left = left.lstrip(b"\0")  # what some pad members with
                member = _member() if left else member
                continue
            unpacked, left = _step(member, left)
            total += len(unpacked)
            if total > most_bytes:
                raise TooLarge(f"The gzip unpacks to over {most_bytes:,} bytes, {advice}", code="gzip_too_large")
            if unpacked:
                yield unpacked
    if not member.eof:
        raise Malformed(f"The gzip is cut: it ends after {total:,} unpacked bytes, in the middle", code="gzip_cut")


def start_of(sample: bytes, name: str, most_bytes: int) -> bytes:
    """Unpacks the start of the text, as far as the sample of the packed bytes reaches. Raises Malformed."""
    text = b""
    try:
        for unpacked in gunzip([sample]):
            text += unpacked
            if len(text) >= most_bytes:
                break
    except Malformed as exc:
        if exc.code == "gzip_cut" and len(sample) < most_bytes and not LINE_END.search(text):
            raise  # the file ends so; a sample may end anywhere
        if exc.code != "gzip_cut":
            raise Malformed(f"{name} starts like gzip and cannot be unpacked: {exc}", code=exc.code) from exc
    return text[:most_bytes]


def _member() -> "zlib._Decompress":
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)


def _step(member: "zlib._Decompress", packed: bytes) -> tuple[bytes, bytes]:
    """Returns unpacked bytes, and what is left of the packed ones."""
    try:
        unpacked = member.decompress(packed, STEP_BYTES)
    except zlib.error as exc:
        raise Malformed(f"The gzip is damaged: {_said(exc)}", code="gzip_damaged") from exc
    return unpacked, member.unused_data if member.eof else member.unconsumed_tail


def _said(exc: zlib.error) -> str:
    """Returns what zlib found, without its own name and number before it."""
    return str(exc).rpartition(": ")[2]
