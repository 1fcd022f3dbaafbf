"""Aggregates over a file that is its own history, all rows at once: what `aggregate_values` gives each, to the bit.

A payment of a file counts as decided when it happened. What is rare (an entity with more payments than are read, an
amount without a rate, a condition on labels) is left to `aggregate_values`, row by row.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fraudshield.aggregate.aggregate import AMOUNT, LABEL, EntityAggregate
from fraudshield.aggregate.columns import aggregate_values
from fraudshield.aggregate.exact_sum import Scaled, scaled
from fraudshield.aggregate.measure import FRAUD, HOUR_US, PRIOR_PAYMENTS
from fraudshield.aggregate.payment_history import NEVER, PaymentHistory, microseconds
from fraudshield.aggregate.row import MOST_ROWS
from fraudshield.expression.column import Column, column, is_long
from fraudshield.expression.columns import columns
from fraudshield.expression.names import Kind
from fraudshield.predictor.columns import Booleans, Floats
from model.causal.busy_hours import busy_column
from model.causal.timeline import Timeline, codes_of
from model.quantile import Integers

Rows = NDArray[np.intp]
EXACT_WHOLE = 2**53  # up to here a whole number is a float64, so its quotient is the nearest one


def causal_columns(asked: Sequence[EntityAggregate], history: PaymentHistory) -> dict[str, Column]:
    """The column of each aggregate, a row for each payment of the history."""
    found: dict[str, Column] = {}
    for over in dict.fromkeys(one.over for one in asked):
        alike = [one for one in asked if one.over == over]
        own, *named = codes_of([history.entities[name] for name in (over, *alike[0].named_by)])
        if alike[0].busy:
            for one in alike:
                found[one.name] = busy_column(one, named[0], history) or _one_by_one([one], history)[one.name]
            continue
        timeline = Timeline.of(named, own, history.occurred_at)
        widest = _start(history.occurred_at, _widest(alike))
        capped = timeline.before(history.occurred_at) - timeline.after(widest) > MOST_ROWS
        rare = np.flatnonzero(capped | _unpriced(timeline, widest, history))
        plain = [one for one in alike if not _reads_labels(one)]
        found |= {one.name: _Whole.of(one, timeline, history).column() for one in plain}
        if slow := [one for one in alike if one not in plain]:
            found |= _one_by_one(slow, history)
        if len(rare) and plain:
            _replace(found, _one_by_one(plain, history, rare), rare)
    return found


def _reads_labels(one: EntityAggregate) -> bool:
    return one.where is not None and LABEL in one.where.names.fields


def _widest(alike: Sequence[EntityAggregate]) -> int | None:
    windows = [None if one.within is None else microseconds(one.within) for one in alike]
    return None if None in windows else max(one for one in windows if one is not None)


def _start(at: Integers, within: int | None) -> Integers:
    """What happened at or before it is too old; long before everything where there is no window."""
    return at - within if within is not None else np.full(len(at), np.iinfo(np.int64).min)


def _unpriced(timeline: Timeline, since: Integers, history: PaymentHistory) -> Booleans:
    amount = history.carried[AMOUNT]
    there = np.isfinite(amount.values) & (True if amount.present is None else amount.present)
    if there.all():
        return np.zeros(len(there), np.bool_)
    some = timeline.only(~there[timeline.row])
    return np.asarray(some.before(history.occurred_at) > some.after(since), np.bool_)


def _one_by_one(
    slow: Sequence[EntityAggregate], history: PaymentHistory, rows: Rows | None = None
) -> dict[str, Column]:
    asking = history if rows is None else _rows(history, rows)
    values = aggregate_values(slow, asking, history)
    kinds = {one.name: Kind.MONEY if one.measure == "sum" else Kind.NUMBER for one in slow}
    return {name: column(kinds[name], [one.reading for one in each]) for name, each in values.items()}


def _rows(history: PaymentHistory, rows: Rows) -> PaymentHistory:
    entities = {name: values[rows] for name, values in history.entities.items()}
    return replace(
        history, occurred_at=history.occurred_at[rows], decided_at=history.decided_at[rows], entities=entities
    )


def _replace(found: dict[str, Column], exact: Mapping[str, Column], rows: Rows) -> None:
    for name, one in exact.items():
        whole = found[name]
        parts: dict[str, Any] = {}
        for part in ("values", "present", "capped", "unread"):
            into = getattr(whole, part)
            into = np.zeros(len(whole.values), np.bool_) if into is None else into.copy()
            into[rows] = getattr(one, part)
            parts[part] = into
        kept = {at: number for at, number in whole.exact.items() if at not in {*rows.tolist()}}
        found[name] = Column(**parts, exact=kept | {int(rows[at]): number for at, number in one.exact.items()})


@dataclass(frozen=True, slots=True, eq=False)
class _Whole:
    """One aggregate over a whole file. `first` and `end` are where each row's window lies in `events`, `after` it."""

    aggregate: EntityAggregate
    events: Timeline
    history: PaymentHistory
    first: Rows
    end: Rows

    @classmethod
    def of(cls, aggregate: EntityAggregate, timeline: Timeline, history: PaymentHistory) -> "_Whole":
        held = np.ones(len(timeline.row), np.bool_)
        if aggregate.where is not None:
            found = columns(aggregate.where, history.carried, len(history.occurred_at))
            held = (found.known & found.values).astype(np.bool_)[timeline.row]
        events = timeline.only(held)
        since = _start(history.occurred_at, microseconds(aggregate.within) if aggregate.within else None)
        return cls(aggregate, events, history, events.after(since), events.before(history.occurred_at))

    def column(self) -> Column:
        """Its values; none for rows that name no entity."""
        made = MEASURES[self.aggregate.measure](self)
        named = self.events.asking >= 0
        present = named if made.present is None else named & made.present
        values = np.where(present, made.values, np.nan)
        return Column(values, present, {at: one for at, one in made.exact.items() if present[at]})

    @property
    def counts(self) -> Integers:
        """How many events each window has."""
        return (self.end - self.first).astype(np.int64)

    def measured(self) -> Column:
        """What it adds up or tells apart."""
        return self.history.carried[str(self.aggregate.measured)]

    def lasting(self, start: Integers) -> Integers:
        """How many events count for each row, each from `start` on, the window being open."""
        within = self.aggregate.within
        end = np.full(len(start), NEVER) if within is None else self.events.at + microseconds(within)
        return self.events.in_force(start, end)

    def sums(self, numbers: Scaled) -> Integers:
        """What the windows add up to; what overflows meanwhile comes out right in the difference."""
        total = np.r_[0, np.cumsum(numbers.wholes[self.events.row])]
        return np.asarray(total[self.end] - total[self.first])


def _count(whole: _Whole) -> Column:
    return Column(whole.counts.astype(np.float64))


def _sum(whole: _Whole) -> Column:
    numbers = scaled(whole.measured())
    return money(whole.sums(numbers), numbers.decimals)


def money(wholes: Integers, decimals: int) -> Column:
    """Whole numbers times ten to the -`decimals` as the nearest float64, with the decimals of the long ones."""
    values = wholes.astype(np.float64) / 10.0**decimals
    exact: dict[int, Decimal] = {}
    for row in np.flatnonzero(abs(wholes) >= 10**15).tolist():
        number = Decimal(int(wholes[row])).scaleb(-decimals)
        values[row] = float(number)
        if is_long(number):
            exact[row] = number
    return Column(values, None, exact)


def _mean(whole: _Whole) -> Column:
    numbers = scaled(whole.measured())
    there = np.r_[0, np.cumsum(numbers.present[whole.events.row])]
    count = there[whole.end] - there[whole.first]
    total = money(whole.sums(numbers), numbers.decimals).values
    return Column(total / np.maximum(1, count), count > 0)


def _distinct(whole: _Whole) -> Column:
    """The latest event of each value counts until the next one of it."""
    measured, events = whole.measured(), whole.events
    if measured.values.dtype == object:
        [code] = codes_of([measured.values])
    else:
        code = np.unique(measured.values, return_inverse=True)[1].astype(np.int64)
    if measured.present is not None:
        code = np.where(measured.present, code, -1)
    order = np.lexsort((np.arange(len(events.row)), code[events.row], events.code))
    there, of = code[events.row][order], events.code[order]
    same = np.r_[(there[1:] == there[:-1]) & (of[1:] == of[:-1]), False]
    until = np.where(same, np.r_[events.at[order][1:], 0], NEVER)
    last = np.empty(len(order), np.int64)
    last[order] = until
    within = whole.aggregate.within
    end = np.full(len(last), NEVER) if within is None else events.at + microseconds(within)
    start = np.where(code[events.row] >= 0, events.at + 1, NEVER)
    return Column(events.in_force(start, np.minimum(end, np.where(last == NEVER, NEVER, last + 1))).astype(np.float64))


def _age(whole: _Whole) -> Column:
    there = whole.end > whole.first
    return Column(np.where(there, _hours_since(whole, whole.first, there), 0.0))


def _since_last(whole: _Whole) -> Column:
    there = whole.end > whole.first
    return Column(_hours_since(whole, whole.end - 1, there), there)


def _hours_since(whole: _Whole, events: Rows, there: Booleans) -> Floats:
    times = whole.events.at
    then = times[np.where(there, events, 0)] if len(times) else np.zeros(len(there), np.int64)
    return np.asarray((whole.history.occurred_at - then) / float(HOUR_US))


def _fraud_rate(whole: _Whole) -> Column:
    """Of the payments that are old enough for their labels."""
    history, events = whole.history, whole.events
    later = microseconds(whole.aggregate.labels_later)
    old = np.minimum(whole.end, events.after(history.occurred_at - later))
    payments = np.maximum(0, old - whole.first)
    is_fraud = (history.carried[LABEL].values == FRAUD) & (history.labelled_at != NEVER)
    known = np.maximum(history.labelled_at, history.occurred_at + max(1, later))
    frauds = whole.lasting(np.where(is_fraud, known, NEVER)[events.row])
    return share(frauds, payments, whole.aggregate.prior)


def share(frauds: Integers, payments: Integers, prior: float | None) -> Column:
    """As `rate` gives each."""
    if prior is None:
        return Column(frauds / np.maximum(1, payments), payments > 0)
    return Column((frauds + PRIOR_PAYMENTS * prior) / (payments + PRIOR_PAYMENTS))


MEASURES: Mapping[str, Callable[[_Whole], Column]] = {
    "count": _count,
    "sum": _sum,
    "mean": _mean,
    "distinct": _distinct,
    "age": _age,
    "since_last": _since_last,
    "fraud_rate": _fraud_rate,
}
