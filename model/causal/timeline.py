"""The payments of a file by entity and time, and where in them each row's window begins and ends."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fraudshield.aggregate.payment_history import NEVER
from fraudshield.predictor.columns import Booleans
from model.quantile import Integers

Codes = NDArray[np.int64]  # a number for each value of an entity; -1 where a payment names none


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """Events sorted by entity, time and row; what asks is a row each, with the entity that it names.

    Times are whole numbers of one unit. Row `row[i]` is what happened at event i, as entity `code[i]` has it.
    """

    code: Codes
    row: NDArray[np.intp]
    at: Integers
    key: Integers
    clock: Integers
    asking: Codes
    asked_at: Integers

    @classmethod
    def of(cls, named: Sequence[Codes], asking: Codes, at: Integers) -> "Timeline":
        """`named` are the columns by which payments name the entity; a payment that names one twice is one event."""
        rows = np.arange(len(at))
        codes = np.concatenate(list(named))
        which = np.tile(rows, len(named))
        there = codes >= 0
        codes, which = codes[there], which[there]
        order = np.lexsort((which, at[which], codes))
        codes, which = codes[order], which[order]
        if len(named) > 1:
            again = (codes[1:] == codes[:-1]) & (which[1:] == which[:-1])
            keep = np.r_[True, ~again]
            codes, which = codes[keep], which[keep]
        clock = np.unique(at)
        timeline = cls(codes, which, at[which], np.zeros(0, np.int64), clock, asking, at)
        return timeline.only(np.ones(len(codes), np.bool_))

    def only(self, events: Booleans) -> "Timeline":
        """The same with these events alone."""
        code, row, at = self.code[events], self.row[events], self.at[events]
        key = code * (len(self.clock) + 1) + np.searchsorted(self.clock, at)
        return Timeline(code, row, at, key, self.clock, self.asking, self.asked_at)

    def before(self, times: Integers) -> NDArray[np.intp]:
        """For each row how many events, counted from the first of all, are of entities before its own or earlier."""
        return np.searchsorted(self.key, self._key(self.asking, np.searchsorted(self.clock, times)))

    def after(self, times: Integers) -> NDArray[np.intp]:
        """As `before`, with events at that very time."""
        return np.searchsorted(self.key, self._key(self.asking, np.searchsorted(self.clock, times, "right")))

    def in_force(self, start: Integers, end: Integers) -> Integers:
        """For each row how many events have `start` <= its time < `end`; an event is of its own entity only."""
        order = np.lexsort((self.asked_at, self.asking))
        keys = self._key(self.asking[order], np.searchsorted(self.clock, self.asked_at[order]))
        some = (start < end) & (start != NEVER)
        starts = self._key(self.code[some], np.searchsorted(self.clock, start[some]))
        ends = self._key(self.code[some], np.searchsorted(self.clock, end[some]))
        change = np.bincount(np.searchsorted(keys, starts), minlength=len(keys) + 1)
        change -= np.bincount(np.searchsorted(keys, ends), minlength=len(keys) + 1)
        found = np.zeros(len(keys), np.int64)
        found[order] = np.cumsum(change)[:-1]
        return found

    def _key(self, codes: Codes, rank: NDArray[np.intp]) -> Integers:
        return codes * (len(self.clock) + 1) + rank


def codes_of(columns: Sequence[NDArray[np.object_]]) -> list[Codes]:
    """A number for each text, the same in all columns; -1 for None."""
    known: dict[object, int] = {None: -1}
    found = []
    for column in columns:
        values = column.tolist()
        for value in dict.fromkeys(values):
            known.setdefault(value, len(known) - 1)
        found.append(np.fromiter(map(known.__getitem__, values), np.int64, len(values)))
    return found
