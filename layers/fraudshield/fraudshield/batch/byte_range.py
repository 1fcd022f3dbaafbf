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
    """The bytes from `start` up to `end`, which is not included."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """How many bytes the range has."""
        return self.end - self.start


def ranges(
    size: int, body: int, line_end: bytes, read: ReadRange, chunk_bytes: int = CHUNK_BYTES
) -> Iterator[ByteRange]:
    """Cuts the bytes from `body` up to `size`, each once, into ranges of `chunk_bytes` or a line more.

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
    """Finds the first byte after `cut` at which a line starts, or the end of the file."""
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


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines; the last line of the file may lack its end. `offset` is that of the first byte in the text.

    With `too_long` the block is one line that is longer than a block, without its content.
    """

    offset: int
    content: bytes
    too_long: bool = False


def blocks(stream: Iterable[bytes], line_end: bytes, offset: int, block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
    """Cuts the stream into blocks. Where a block ends depends on the bytes alone, not on how they arrive.

    A retry therefore cuts the same blocks. `offset` is that of the stream in the text. Little more than `block_bytes`
    is ever held.
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
