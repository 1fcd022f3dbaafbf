"""Aggregates of busy entities over a file: what counters by the hour would say of each row, all rows at once."""

from datetime import timedelta

import numpy as np

from fraudshield.aggregate.aggregate import AMOUNT, LABEL, EntityAggregate
from fraudshield.aggregate.exact_sum import scaled
from fraudshield.aggregate.measure import FRAUD, HOUR_US, PRIOR_PAYMENTS
from fraudshield.aggregate.payment_history import NEVER, PaymentHistory, microseconds
from fraudshield.expression.column import Column
from model.causal.timeline import Codes, Timeline

MOST_EXACT = 2**53


def busy_column(aggregate: EntityAggregate, codes: Codes, history: PaymentHistory) -> Column | None:
    """The values as of the last full hour; None where amounts are such that they must be added up one by one."""
    hour = history.occurred_at // HOUR_US
    hours = Timeline.of([codes], codes, hour)
    width = microseconds(aggregate.within or timedelta()) // HOUR_US
    first, end = hours.before(hour - width), hours.before(hour)
    named = codes >= 0
    if aggregate.measure == "count":
        return _there(named, (end - first).astype(np.float64))
    if aggregate.measure == "fraud_rate":
        return _rate(aggregate, hours, history, named)
    numbers = scaled(history.carried[AMOUNT])
    if not numbers.present.all() or numbers.wholes.dtype == object:
        return None
    total = np.r_[0, np.cumsum(numbers.wholes[hours.row])]
    sums = total[end] - total[first]
    if np.abs(numbers.wholes).sum(dtype=np.float64) >= MOST_EXACT or np.any(np.abs(sums) >= 10**15):
        return None
    values = sums.astype(np.float64) / 10.0**numbers.decimals
    if aggregate.measure == "sum":
        return _there(named, values)
    count = end - first
    return _there(named & (count > 0), values / np.maximum(1, count))


def _rate(aggregate: EntityAggregate, hours: Timeline, history: PaymentHistory, named: "np.ndarray") -> Column:
    later = -(-microseconds(aggregate.labels_later) // HOUR_US)
    width = microseconds(aggregate.within or timedelta()) // HOUR_US
    asked = hours.asked_at
    first, old = hours.before(asked - width), hours.after(asked - 1 - later)
    payments = np.maximum(0, old - first)
    happened = asked[hours.row]
    is_fraud = ((history.carried[LABEL].values == FRAUD) & (history.labelled_at != NEVER))[hours.row]
    known = np.maximum(happened, history.labelled_at[hours.row] // HOUR_US) + 1
    start = np.where(is_fraud, np.maximum(known, happened + 1 + later), NEVER)
    frauds = hours.in_force(start, happened + width + 1)
    if aggregate.prior is None:
        return _there(named & (payments > 0), frauds / np.maximum(1, payments))
    prior = aggregate.prior
    return _there(named, (frauds + PRIOR_PAYMENTS * prior) / (payments + PRIOR_PAYMENTS))


def _there(present: "np.ndarray", values: "np.ndarray") -> Column:
    return Column(np.where(present, values, np.nan), present)
