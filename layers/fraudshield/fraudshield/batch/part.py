"""Results as they grow, in parts of a size that S3 can join and a function can hold."""

from collections.abc import Callable, Iterable

PART_BYTES = 8 << 20  # S3 joins parts of 5 MiB and more by itself

PutPart = Callable[[int, bytes], None]  # the number of the part, from 0, and what is in it


class Parts:
    """Collects lines; every full part is put at once, the last one at the end. The same lines make the same parts."""

    def __init__(self, put: PutPart, part_bytes: int = PART_BYTES) -> None:
        self._put = put
        self._part_bytes = part_bytes
        self._held = bytearray()
        self.sizes: list[int] = []

    def write(self, lines: Iterable[str]) -> None:
        """Lines with their ends."""
        self._held += "".join(lines).encode()
        while len(self._held) >= self._part_bytes:
            self._cut(self._part_bytes)

    def close(self) -> None:
        """Whatever is left is the last part."""
        if self._held:
            self._cut(len(self._held))

    def _cut(self, length: int) -> None:
        self._put(len(self.sizes), bytes(self._held[:length]))
        self.sizes.append(length)
        del self._held[:length]
