"""Merging sorted runs into one list, page by page: which row is next, and up to where all rows have been seen.

The order is by `value`, the greatest first; among equal values by the number of the run; within a run as it
was read. Of a run, rows may have been examined without one to show, because the filter let none pass.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, TypeVar

T = TypeVar("T")
Value = str | Decimal


@dataclass(frozen=True, slots=True)
class RunPosition(Generic[T]):
    """A point in the list: that of the row `key` in a run. The row itself and all rows before it have been seen."""

    run: int
    value: Value
    key: T

    @property
    def rank(self) -> tuple[Value, int]:
        """The order of positions: the one of the greatest rank is first in the list."""
        return self.value, -self.run


@dataclass(slots=True)
class SortedRun(Generic[T]):
    """A run: rows read and not yet taken, and how far it was read: not at all, to a position, or to its end."""

    waiting: deque[RunPosition[T]] = field(default_factory=deque)
    seen: RunPosition[T] | None = None
    ended: bool = False

    @property
    def is_exhausted(self) -> bool:
        """Whether all rows that were read are taken, and more may follow."""
        return not self.waiting and not self.ended


class Merge(Generic[T]):
    """Takes rows from several runs in the order of the list."""

    def __init__(self, runs: int) -> None:
        self.runs: Sequence[SortedRun[T]] = [SortedRun() for _ in range(runs)]
        self.position: RunPosition[T] | None = None  # up to it, all that passes the filter was taken

    @property
    def exhausted(self) -> list[int]:
        """The numbers of the runs that must be read on before more rows can be taken."""
        return [number for number, run in enumerate(self.runs) if run.is_exhausted]

    @property
    def ended(self) -> bool:
        """Whether every run was read to its end and all its rows are taken."""
        return all(run.ended and not run.waiting for run in self.runs)

    def push(self, number: int, rows: Sequence[RunPosition[T]], seen: RunPosition[T] | None) -> None:
        """Adds rows that were read of a run; `seen` is how far it was read, None where that was its end."""
        run = self.runs[number]
        run.waiting.extend(rows)
        run.seen, run.ended = seen, seen is None

    def take(self, wanted: int) -> Iterator[RunPosition[T]]:
        """Takes up to `wanted` rows, as long as it is certain which one is next."""
        for _ in range(wanted):
            row = self._next()
            if row is None:
                self._pass_over()
                return
            self.position = self.runs[row.run].waiting.popleft()
            yield row

    def _next(self) -> RunPosition[T] | None:
        """Returns the first waiting row, unless a row that was not read yet may come before it."""
        waiting = [run.waiting[0] for run in self.runs if run.waiting]
        row = max(waiting, key=_rank, default=None)
        certain = row is not None and all(seen is not None and row.rank > seen.rank for seen in self._seen)
        return row if certain else None

    def _pass_over(self) -> None:
        """Moves the position to the nearest end of what was read: up to there no row is left to take."""
        read = [seen for seen in self._seen if seen is not None]
        if read and len(read) == len(self._seen):
            nearest = max(read, key=_rank)
            self.position = nearest if self.position is None else min(self.position, nearest, key=_rank)

    @property
    def _seen(self) -> list[RunPosition[T] | None]:
        return [self.runs[number].seen for number in self.exhausted]


def _rank(position: RunPosition[T]) -> tuple[Value, int]:
    return position.rank
