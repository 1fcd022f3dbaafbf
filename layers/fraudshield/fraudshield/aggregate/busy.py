"""What an aggregate of a busy entity is, of its counters by the hour."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from fraudshield.aggregate.aggregate import EntityAggregate
from fraudshield.aggregate.counter import HourCount, HourSums, added_up, full_hour, span
from fraudshield.aggregate.measure import rate
from fraudshield.aggregate.value import NOTHING, UNPRICED, AggregateValue, exactly, nearly


def busy_value(
    aggregate: EntityAggregate, counts: Sequence[HourCount], at: datetime, known_at: datetime
) -> AggregateValue:
    """The value as of the last full hours of both clocks."""
    first, end = span(at, aggregate.within or timedelta())
    known_before = full_hour(known_at)
    old_by = known_before - aggregate.labels_later if aggregate.measure == "fraud_rate" else end
    return value_of(aggregate, added_up(counts, first, end, known_before, old_by))


def value_of(aggregate: EntityAggregate, sums: HourSums) -> AggregateValue:
    """The value of what the hours add up to."""
    return MEASURES[aggregate.measure](aggregate, sums)


def _sum(_: EntityAggregate, sums: HourSums) -> AggregateValue:
    return UNPRICED if sums.unpriced else exactly(sums.amount)


def _mean(_: EntityAggregate, sums: HourSums) -> AggregateValue:
    if sums.unpriced:
        return UNPRICED
    return nearly(float(sums.amount) / sums.payments) if sums.payments else NOTHING


def _fraud_rate(aggregate: EntityAggregate, sums: HourSums) -> AggregateValue:
    found = rate(sums.frauds, sums.payments, aggregate.prior)
    return NOTHING if found is None else nearly(found)


MEASURES: Mapping[str, Callable[[EntityAggregate, HourSums], AggregateValue]] = {
    "count": lambda _, sums: exactly(sums.payments),
    "sum": _sum,
    "mean": _mean,
    "fraud_rate": _fraud_rate,
}
