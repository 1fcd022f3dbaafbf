"""Byte ranges of a file, and the whole lines in them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from fraudshield.errors import Malformed, TooLarge

CHUNK_BYTES = 8 << 20  # about 100,000 rows, a second of work; its results are long enough to be joined by S3 (5 MiB)
MOST_CHUNKS = 10_000  # parts that S3 joins into one object
WINDOW_BYTES = 4096  # looked at behind a cut at first, then twice as much each time
MOST_WINDOW_BYTES = 1 << 20
ReadRange = Callable[[int, int], bytes]  # the bytes from the first up to the second


@dataclass(frozen=True, slots=True)
class ByteRange:
    """From `start` up to `end`."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """In bytes."""
        return self.end - self.start


def ranges(
    size: int, body: int, line_end: bytes, read: ReadRange, chunk_bytes: int = CHUNK_BYTES
) -> Iterator[ByteRange]:
    """All bytes from `body` up to `size`, each once, in ranges of `chunk_bytes` or a line more.

    Raises:
        TooLarge: that would be more than `MOST_CHUNKS`.
        Malformed: no line ends within a whole range.
    """
    if size - body > chunk_bytes * MOST_CHUNKS:
        raise TooLarge(
            f"The file has {size:,} bytes, at most {chunk_bytes * MOST_CHUNKS:,} are taken; cut it in two",
            code="file_too_large",
        )
    start = body
    while start < size:
        end = _line_end(start + chunk_bytes, size, line_end, read, chunk_bytes)
        yield ByteRange(start, end)
        start = end


def _line_end(cut: int, size: int, line_end: bytes, read: ReadRange, chunk_bytes: int) -> int:
    """The first place behind `cut` where a line starts, or the end of the file."""
    at, window = cut - 1, WINDOW_BYTES
    while at < size:
        found = read(at, min(at + window, size)).find(line_end)
        if found >= 0:
            return at + found + 1
        if at - cut > chunk_bytes:
            raise Malformed(f"No line ends from byte {cut:,} to byte {at:,}; expected a CSV", code="not_csv")
        at, window = at + window, min(2 * window, MOST_WINDOW_BYTES)
    return size


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
