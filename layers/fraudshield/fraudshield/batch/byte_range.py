"""Cutting a file into ranges that start and end at line ends, without reading it."""

from collections.abc import Callable, Iterator
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
