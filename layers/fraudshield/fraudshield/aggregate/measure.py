"""What an aggregate is over the rows that were read: one function for each measure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from fraudshield.aggregate.aggregate import AMOUNT, EntityAggregate
from fraudshield.aggregate.row import HistoryRead, HistoryRow
from fraudshield.aggregate.value import CUT, NOTHING, UNPRICED, AggregateValue, exactly, nearly
from fraudshield.expression.clock import microseconds
from fraudshield.expression.expression import Expression
from fraudshield.expression.names import RISK, Kind
from fraudshield.expression.reading import NotEvaluated
from fraudshield.text.stored_number import EXACT, summand

HOUR_US = 3_600_000_000
PRIOR_PAYMENTS = 10  # a prior counts as so many payments with that share of frauds: it fades as payments come
FRAUD = "fraud"


@dataclass(frozen=True, slots=True)
class Counted:
    """The rows that an aggregate counts, the newest first; `cut` where there may be older ones that were not read."""

    aggregate: EntityAggregate
    rows: Sequence[HistoryRow]
    at: datetime
    known_at: datetime
    cut: bool

    def values(self) -> list[object]:
        """What it measures, of the rows that have it."""
        name = self.aggregate.measured or ""
        found = (_value(row, name, self.aggregate, self.known_at) for row in self.rows)
        return [one for one in found if one is not None]

    def sum(self) -> Decimal:
        """All of it, added up exactly."""
        total = Decimal(0)
        for one in self.values():
            if isinstance(one, Decimal):
                total = EXACT.add(total, summand(one))
        return total


def measured(aggregate: EntityAggregate, read: HistoryRead, at: datetime, known_at: datetime) -> AggregateValue:
    """The value as of `at`, by what was known at `known_at`, of the rows of the payment's entity."""
    since = at - aggregate.within if aggregate.within else None
    cut = read.capped and (since is None or not read.rows or read.rows[-1].occurred_at > since)
    rows = [row for row in read.rows if row.occurred_at < at and (since is None or row.occurred_at > since)]
    rows = [row for row in rows if row.decided_at < known_at]
    if aggregate.where is not None:
        held = [_holds(aggregate.where, aggregate, row, known_at) for row in rows]
        if any(one is None for one in held):
            return UNPRICED
        rows = [row for row, one in zip(rows, held, strict=True) if one]
    if aggregate.measured == AMOUNT and any(row.amount is None for row in rows):
        return UNPRICED
    return MEASURES[aggregate.measure](Counted(aggregate, rows, at, known_at, cut))


def hours(time: timedelta) -> float:
    """A time in hours."""
    return microseconds(time) / HOUR_US


def rate(frauds: int, payments: int, prior: float | None) -> float | None:
    """The share of frauds; None of nothing, where there is no prior."""
    if prior is None:
        return frauds / payments if payments else None
    return (frauds + PRIOR_PAYMENTS * prior) / (payments + PRIOR_PAYMENTS)


def _holds(where: Expression, aggregate: EntityAggregate, row: HistoryRow, known_at: datetime) -> bool | None:
    """Whether the condition holds; where it is not evaluated, the row is not counted.

    None where that is not known, because the condition asks for an amount that had no rate.
    """
    names = where.names
    read = {*names.fields, *([RISK] if names.risk else [])}
    values = {name: _value(row, name, aggregate, known_at) for name in read}
    found = where.evaluate(values)
    if isinstance(found, NotEvaluated) and AMOUNT in read and row.amount is None:
        return None
    return found is True


def _value(row: HistoryRow, name: str, aggregate: EntityAggregate, known_at: datetime) -> "object":
    if name == "label":
        return row.label_at(known_at, aggregate.labels_later)
    return row.value(name, aggregate.kinds.get(name, Kind.NUMBER))


def _sum(counted: Counted) -> AggregateValue:
    if counted.cut and not counted.aggregate.positive:
        return CUT
    return exactly(counted.sum(), at_least=counted.cut)


def _mean(counted: Counted) -> AggregateValue:
    if counted.cut:
        return CUT
    there = len(counted.values())
    return nearly(float(counted.sum()) / there) if there else NOTHING


def _age(counted: Counted) -> AggregateValue:
    """Hours since the first payment, 0 where there is none: what was never seen is new."""
    age = hours(counted.at - counted.rows[-1].occurred_at) if counted.rows else 0.0
    return nearly(age, at_least=counted.cut)


def _since_last(counted: Counted) -> AggregateValue:
    """Hours since the last payment."""
    if counted.rows:
        return nearly(hours(counted.at - counted.rows[0].occurred_at))
    return CUT if counted.cut else NOTHING


def _fraud_rate(counted: Counted) -> AggregateValue:
    """Of the payments that are old enough for their labels; those without one count as genuine."""
    if counted.cut:
        return CUT
    later, known_at = counted.aggregate.labels_later, counted.known_at
    old = [row for row in counted.rows if known_at - row.occurred_at >= later]
    frauds = sum(row.label_at(known_at, later) == FRAUD for row in old)
    found = rate(frauds, len(old), counted.aggregate.prior)
    return NOTHING if found is None else nearly(found)


MEASURES: Mapping[str, Callable[[Counted], AggregateValue]] = {
    "count": lambda counted: exactly(len(counted.rows), at_least=counted.cut),
    "sum": _sum,
    "mean": _mean,
    "distinct": lambda counted: exactly(len({*counted.values()}), at_least=counted.cut),
    "age": _age,
    "since_last": _since_last,
    "fraud_rate": _fraud_rate,
}
