"""Aggregates by their definition and nothing else: over all payments, with fractions, by both clocks."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from fraudshield.aggregate.row import HistoryRow
from fraudshield.aggregate.value import AggregateValue
from tests.aggregates.shop import Paid


def counted_again(paid: Iterable[Paid], asking: Paid, document: Mapping[str, Any]) -> Decimal | float | None:
    """An aggregate by its definition and nothing else: over all payments, with fractions."""
    within, later = (_time(document.get(part)) for part in ("within", "labels_later"))
    over, known_at = document["over"], asking.decided_at
    if over not in asking.entities:
        return None
    counted = [
        one
        for one in paid
        if one.entities.get(over) == asking.entities[over]
        and one.transaction_id != asking.transaction_id
        and one.occurred_at < asking.occurred_at
        and (within is None or one.occurred_at > asking.occurred_at - within)
        and one.decided_at < known_at
        and WHERE[document.get("where")](one, lambda one: _fraud(one, known_at, later or timedelta()))
    ]
    measure = document.get("of") or next(name for name in ("count", "sum", "distinct") if name in document)
    measured = str(document.get("field") or document.get("sum") or document.get("distinct"))
    values = [one.amount if measured == "amount" else one.shown.get(measured) for one in counted]
    there = [value for value in values if value is not None]
    times = sorted(asking.occurred_at - one.occurred_at for one in counted)
    old = [one for one in counted if known_at - one.occurred_at >= (later or timedelta())]
    frauds = sum(_fraud(one, known_at, later or timedelta()) for one in old)
    found: dict[str, Callable[[], Decimal | float | None]] = {
        "count": lambda: Decimal(len(counted)),
        "distinct": lambda: Decimal(len(set(there))),
        "sum": lambda: _sum(there),
        "mean": lambda: float(_sum(there)) / len(there) if there else None,
        "age": lambda: _hours(times[-1]) if times else 0.0,
        "since_last": lambda: _hours(times[0]) if times else None,
        "fraud_rate": lambda: _rate(frauds, len(old), document.get("prior")),
    }
    return found[measure]()


def _rate(frauds: int, payments: int, prior: Decimal | None) -> float | None:
    if prior is not None:
        return (frauds + 10 * float(prior)) / (payments + 10)
    return frauds / payments if payments else None


WHERE: Mapping[str | None, Any] = {
    None: lambda one, fraud: True,
    'outcome != "approve"': lambda one, fraud: one.outcome != "approve",
    "amount >= 500": lambda one, fraud: one.amount >= 500,
    'label == "fraud"': lambda one, fraud: fraud(one),
}


def plainly(value: AggregateValue) -> Decimal | float | None:
    """The number of a value that is known."""
    assert not value.unread
    assert not value.at_least
    return value.number


def same(value: AggregateValue, counted: Decimal | float | None) -> bool:
    """Whether a value is what was counted, to the last digit."""
    found = plainly(value)
    if found is None or counted is None:
        return found is counted
    return float(found) == counted if isinstance(counted, float) else found == counted


def rows_of(paid: Sequence[Paid], over: str, value: str) -> tuple[HistoryRow, ...]:
    """The rows of an entity, the newest first."""
    there = [one for one in paid if one.entities.get(over) == value]
    return tuple(one.row for one in sorted(there, key=lambda one: one.occurred_at, reverse=True))


def _fraud(one: Paid, known_at: datetime, later: timedelta) -> bool:
    return (
        one.label == "fraud"
        and one.labelled_at is not None
        and one.labelled_at <= known_at
        and known_at - one.occurred_at >= later
    )


def _sum(values: Iterable[Any]) -> Decimal:
    total = sum((Fraction(value) for value in values), Fraction(0))
    return Decimal(total.numerator) / Decimal(total.denominator)


def _hours(time: timedelta) -> float:
    return float(Fraction(time // timedelta(microseconds=1), 3_600_000_000))


def _time(text: str | None) -> timedelta | None:
    units = {"m": "minutes", "h": "hours", "d": "days"}
    return timedelta(**{units[text[-1]]: int(text[:-1])}) if text else None
