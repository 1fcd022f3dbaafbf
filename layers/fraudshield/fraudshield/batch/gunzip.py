"""Unpacking as it streams, as far as one chunk can bear."""

import zlib
from collections.abc import Iterable, Iterator

from fraudshield.errors import Malformed, TooLarge

MOST_BYTES = 2 << 30  # unpacked: about 25 million rows, four minutes of one chunk
STEP_BYTES = 1 << 20  # unpacked at a time, whatever the packed bytes promise


def gunzip(blocks: Iterable[bytes], most_bytes: int = MOST_BYTES) -> Iterator[bytes]:
    """The unpacked bytes, a mebibyte at a time; several members one after the other, as gzip has it.

    Raises:
        TooLarge: more than `most_bytes`, found out once they have come.
        Malformed: damaged, or cut before its end.
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
                raise TooLarge(
                    f"The gzip unpacks to over {most_bytes:,} bytes, which one chunk cannot hold; upload it unpacked",
                    code="gzip_too_large",
                )
            if unpacked:
                yield unpacked
    if not member.eof:
        raise Malformed(f"The gzip is cut: it ends after {total:,} unpacked bytes, in the middle", code="gzip_cut")


def _member() -> "zlib._Decompress":
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)


def _step(member: "zlib._Decompress", packed: bytes) -> tuple[bytes, bytes]:
    """Unpacked bytes, and what is left of the packed ones."""
    try:
        unpacked = member.decompress(packed, STEP_BYTES)
    except zlib.error as exc:
        raise Malformed(f"The gzip is damaged: {exc}", code="gzip_damaged") from exc
    return unpacked, member.unused_data if member.eof else member.unconsumed_tail
