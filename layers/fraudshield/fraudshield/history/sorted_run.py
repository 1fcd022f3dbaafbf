"""Several sorted strands read as one list, in pieces: which row is next, and up to where everything has been seen.

The order is by `value`, the greatest first; among equal values by the number of the strand; within a strand as it
comes. A strand may have been looked through without a row to show for it, because a filter let none pass.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, TypeVar

T = TypeVar("T")
Value = str | Decimal


@dataclass(frozen=True, slots=True)
class Place(Generic[T]):
    """A point in the list: that of the row `key` in a strand. All before it and the row itself has been seen."""

    strand: int
    value: Value
    key: T

    @property
    def rank(self) -> tuple[Value, int]:
        """The greatest is first in the list."""
        return self.value, -self.strand


@dataclass(slots=True)
class SortedRun(Generic[T]):
    """Rows that were read and are not taken yet, and how far it was read: nowhere, to a place, or to its end."""

    waiting: deque[Place[T]] = field(default_factory=deque)
    seen: Place[T] | None = None
    ended: bool = False

    @property
    def is_hungry(self) -> bool:
        """Whether what comes next in it is not known."""
        return not self.waiting and not self.ended


class Merge(Generic[T]):
    """Takes rows from strands in the order of the whole."""

    def __init__(self, strands: int) -> None:
        self.strands: Sequence[SortedRun[T]] = [SortedRun() for _ in range(strands)]
        self.place: Place[T] | None = None  # up to it, all that passes the filter was taken

    @property
    def hungry(self) -> list[int]:
        """The numbers of the strands that must be read on before more can be taken."""
        return [number for number, strand in enumerate(self.strands) if strand.is_hungry]

    @property
    def ended(self) -> bool:
        """Whether there is nothing more."""
        return all(strand.ended and not strand.waiting for strand in self.strands)

    def feed(self, number: int, rows: Sequence[Place[T]], seen: Place[T] | None) -> None:
        """What was read of a strand, and up to where; None where that was its end."""
        strand = self.strands[number]
        strand.waiting.extend(rows)
        strand.seen, strand.ended = seen, seen is None

    def take(self, wanted: int) -> Iterator[Place[T]]:
        """Up to so many rows, as long as it is certain which one is next."""
        for _ in range(wanted):
            row = self._next()
            if row is None:
                self._pass_over()
                return
            self.place = self.strands[row.strand].waiting.popleft()
            yield row

    def _next(self) -> Place[T] | None:
        """The first row that waits, unless one that was not read yet may come before it."""
        waiting = [strand.waiting[0] for strand in self.strands if strand.waiting]
        row = max(waiting, key=_rank, default=None)
        certain = row is not None and all(seen is not None and row.rank > seen.rank for seen in self._seen)
        return row if certain else None

    def _pass_over(self) -> None:
        """Up to the nearest end of what was read, nothing is left to take."""
        read = [seen for seen in self._seen if seen is not None]
        if read and len(read) == len(self._seen):
            nearest = max(read, key=_rank)
            self.place = nearest if self.place is None else min(self.place, nearest, key=_rank)

    @property
    def _seen(self) -> list[Place[T] | None]:
        return [self.strands[number].seen for number in self.hungry]


def _rank(place: Place[T]) -> tuple[Value, int]:
    return place.rank
