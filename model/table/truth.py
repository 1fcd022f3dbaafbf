"""What is known of the truth of a file's payments: who said fraud, when, and what may be learned from.

A payment that nobody reported counts as genuine once it is as old as its event type says (`label.genuine_after`), as
everywhere; one that is younger says nothing yet, whatever is written in the file. A label that was written without a
time is taken to have come as late as labels usually do (`label.later`).
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from fraudshield.aggregate.payment_history import NEVER, microseconds
from fraudshield.expression.column import Column
from fraudshield.label.truth import FRAUD
from fraudshield.predictor.columns import Booleans
from model.quantile import Integers

GENUINE = "genuine"


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """`fraud` and `said` (either label is written) are by row. `labelled_at` is in microseconds, `NEVER` where no label
    is known; a `timed` one was written. `old_enough` says of which rows silence says something.
    """

    fraud: Booleans
    said: Booleans
    timed: Booleans
    labelled_at: Integers
    old_enough: Booleans | None

    @property
    def usable(self) -> Booleans:
        """Which rows can be learned from and judged by."""
        return self.said if self.old_enough is None else self.old_enough

    def known(self, at_us: int) -> Booleans:
        """Which were known to be fraud then."""
        return self.fraud & (self.labelled_at <= at_us)

    def told(self) -> tuple[Column, Integers]:
        """The labels that others' aggregates count, and from when on. Genuine ones only where somebody said so."""
        genuine = self.said & ~self.fraud & self.timed
        names = np.full(len(self.fraud), None, object)
        names[genuine] = GENUINE
        names[self.fraud] = FRAUD
        return Column(names), np.where(self.fraud | genuine, self.labelled_at, NEVER)

    def rows(self, rows: NDArray[np.intp]) -> "Truth":
        """These rows."""
        old = None if self.old_enough is None else self.old_enough[rows]
        return Truth(self.fraud[rows], self.said[rows], self.timed[rows], self.labelled_at[rows], old)


def truth_of(
    labels: list[str],
    labelled_at: Integers,
    occurred_at: Integers,
    as_of_us: int,
    delays: tuple[timedelta | None, timedelta],
) -> Truth:
    """`labels` are `fraud`, `genuine` or empty, as of a time; `delays` are `genuine_after` and `later`."""
    genuine_after, later = delays
    fraud = np.array([one == FRAUD for one in labels], np.bool_)
    said = np.array([bool(one) for one in labels], np.bool_)
    timed = labelled_at != NEVER
    at = np.where(timed, labelled_at, occurred_at + microseconds(later))
    at = np.maximum(np.where(said, at, NEVER), occurred_at)
    known = at <= as_of_us
    fraud, said = fraud & known, said & (known | ~timed)
    old = None if genuine_after is None else occurred_at <= as_of_us - microseconds(genuine_after)
    return Truth(fraud, said, timed & said, np.where(said, at, NEVER), old)
