"""Aggregates of busy entities over columns: what their counters by the hour say, of the payments themselves."""

from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fraudshield.aggregate.aggregate import LABEL, EntityAggregate
from fraudshield.aggregate.busy import value_of
from fraudshield.aggregate.counter import HourSums
from fraudshield.aggregate.exact_sum import Scaled, scaled
from fraudshield.aggregate.measure import FRAUD, HOUR_US
from fraudshield.aggregate.payment_history import NEVER, PaymentHistory, microseconds, positions
from fraudshield.aggregate.value import NOTHING, AggregateValue

Hours = NDArray[np.int64]  # since 1970


def busy_values(aggregate: EntityAggregate, asking: PaymentHistory, history: PaymentHistory) -> list[AggregateValue]:
    """The value for each payment that asks, as of the last full hours of both clocks."""
    hours = _Hours.of(history)
    by_value = positions(history, aggregate.named_by)
    each = (asking.entities[aggregate.over].tolist(), asking.occurred_at.tolist(), asking.decided_at.tolist())
    nobody = np.zeros(0, np.intp)
    return [
        NOTHING
        if value is None
        else value_of(aggregate, hours.sums(aggregate, by_value.get(value, nobody), at // HOUR_US, known_at))
        for value, at, known_at in zip(*each, strict=True)
    ]


class _Hours:
    """In which hour each payment happened, became known, and was known to be fraud."""

    def __init__(self, happened: Hours, known: Hours, fraud: Hours, amounts: Scaled) -> None:
        self._happened, self._known, self._fraud, self._amounts = happened, known, fraud, amounts

    @classmethod
    def of(cls, history: PaymentHistory) -> "_Hours":
        """Those of a history."""
        happened = history.occurred_at // HOUR_US
        known = np.maximum(happened, history.decided_at // HOUR_US)
        is_fraud: Any = (history.carried[LABEL].values == FRAUD) & (history.labelled_at != NEVER)
        fraud = np.where(is_fraud, np.maximum(known, history.labelled_at // HOUR_US), NEVER)
        return cls(happened, known, fraud, scaled(history.carried["amount"]))

    def sums(self, aggregate: EntityAggregate, rows: NDArray[np.intp], end: int, known_at: int) -> HourSums:
        """What the hours before `end` add up to, as it was known."""
        within, before = microseconds(aggregate.within or timedelta()), known_at // HOUR_US
        happened = self._happened[rows]
        there = (happened >= end - within // HOUR_US) & (happened < end)
        if aggregate.measure == "fraud_rate":
            there &= (happened + 1) * HOUR_US + microseconds(aggregate.labels_later) <= before * HOUR_US
        rows = rows[there & (self._known[rows] < before)]
        frauds = int(np.count_nonzero(self._fraud[rows] < before))
        return HourSums(len(rows), self._amounts.sum(rows), frauds, len(rows) - self._amounts.count(rows))
