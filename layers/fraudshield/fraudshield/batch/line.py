"""A stream of bytes in blocks that end where a line does: one physical line is one row."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

BLOCK_BYTES = 2 << 20  # about 25,000 rows: long enough for columns to pay, short enough for little memory
MOST_LINE_BYTES = 1 << 20  # not more than a block


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines, the last of the file perhaps without its end; `offset` is of its first byte in the text.

    With `too_long` it is one line that is longer than a block, and is not held.
    """

    offset: int
    content: bytes
    too_long: bool = False


def blocks(stream: Iterable[bytes], line_end: bytes, offset: int, block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
    """All of it. Where a block ends depends on the bytes alone and not on how they arrive: a retry cuts the same.

    `offset` is the stream's own in the text. Little more than `block_bytes` is ever held.
    """
    held, skipped = bytearray(), 0  # bytes of a line that is too long
    for read in stream:
        held += read
        while len(held) >= block_bytes or (skipped and line_end in held):
            end = held.find(line_end) + 1 if skipped else held.rfind(line_end, 0, block_bytes) + 1
            if not end:
                end = block_bytes
                skipped += end
            else:
                yield Block(offset, b"", too_long=True) if skipped else Block(offset, bytes(held[:end]))
                offset += skipped + end
                skipped = 0
            del held[:end]
    if skipped:
        yield Block(offset, b"", too_long=True)
    elif held:
        yield Block(offset, bytes(held))
