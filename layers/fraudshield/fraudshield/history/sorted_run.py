"""Several sorted runs read as one list, in pages: which row is next, and up to where everything has been seen.

The order is by `value`, the greatest first; among equal values by the number of the run; within a run as it
comes. A run may have been looked through without a row to show for it, because a filter let none pass.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, TypeVar

T = TypeVar("T")
Value = str | Decimal


@dataclass(frozen=True, slots=True)
class Position(Generic[T]):
    """A point in the list: that of the row `key` in a run. All before it and the row itself has been seen."""

    run: int
    value: Value
    key: T

    @property
    def rank(self) -> tuple[Value, int]:
        """The greatest is first in the list."""
        return self.value, -self.run


@dataclass(slots=True)
class SortedRun(Generic[T]):
    """Rows that were read and are not taken yet, and how far it was read: nowhere, to a position, or to its end."""

    waiting: deque[Position[T]] = field(default_factory=deque)
    seen: Position[T] | None = None
    ended: bool = False

    @property
    def is_exhausted(self) -> bool:
        """Whether what comes next in it is not known."""
        return not self.waiting and not self.ended


class Merge(Generic[T]):
    """Takes rows from runs in the order of the whole."""

    def __init__(self, runs: int) -> None:
        self.runs: Sequence[SortedRun[T]] = [SortedRun() for _ in range(runs)]
        self.position: Position[T] | None = None  # up to it, all that passes the filter was taken

    @property
    def exhausted(self) -> list[int]:
        """The numbers of the runs that must be read on before more can be taken."""
        return [number for number, run in enumerate(self.runs) if run.is_exhausted]

    @property
    def ended(self) -> bool:
        """Whether there is nothing more."""
        return all(run.ended and not run.waiting for run in self.runs)

    def push(self, number: int, rows: Sequence[Position[T]], seen: Position[T] | None) -> None:
        """What was read of a run, and up to where; None where that was its end."""
        run = self.runs[number]
        run.waiting.extend(rows)
        run.seen, run.ended = seen, seen is None

    def take(self, wanted: int) -> Iterator[Position[T]]:
        """Up to so many rows, as long as it is certain which one is next."""
        for _ in range(wanted):
            row = self._next()
            if row is None:
                self._pass_over()
                return
            self.position = self.runs[row.run].waiting.popleft()
            yield row

    def _next(self) -> Position[T] | None:
        """The first row that waits, unless one that was not read yet may come before it."""
        waiting = [run.waiting[0] for run in self.runs if run.waiting]
        row = max(waiting, key=_rank, default=None)
        certain = row is not None and all(seen is not None and row.rank > seen.rank for seen in self._seen)
        return row if certain else None

    def _pass_over(self) -> None:
        """Up to the nearest end of what was read, nothing is left to take."""
        read = [seen for seen in self._seen if seen is not None]
        if read and len(read) == len(self._seen):
            nearest = max(read, key=_rank)
            self.position = nearest if self.position is None else min(self.position, nearest, key=_rank)

    @property
    def _seen(self) -> list[Position[T] | None]:
        return [self.runs[number].seen for number in self.exhausted]


def _rank(position: Position[T]) -> tuple[Value, int]:
    return position.rank
