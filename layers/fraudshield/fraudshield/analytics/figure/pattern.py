"""Patterns: when, how much and of what kind; what was unusual yesterday."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import get_args

from typing_extensions import TypedDict

from fraudshield.analytics.bin import AMOUNT_EDGES
from fraudshield.analytics.destination import Destinations, TopDestination, top
from fraudshield.analytics.figure.trend import daily, figures, share
from fraudshield.analytics.period import Period
from fraudshield.analytics.port import Counters, DailyCounts
from fraudshield.analytics.series import DAYS, PATTERNS
from fraudshield.analytics.statistics import number, summed
from fraudshield.text.json_text import Number
from fraudshield.text.schema import Day
from fraudshield.transaction.built_in import TransactionType

BASIS = 28  # days before yesterday: each weekday four times
ENOUGH_DAYS = 14  # of them with transactions
TIMES = 2.0  # so many times the median, or so small a part of it, is unusual
ENOUGH = 20  # and by so many at least: three instead of one is chance
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Cell(TypedDict):
    """The transactions of one cell. `flagged_rate` is of the transactions, null where there are none."""

    transactions: int
    amount: Number
    flagged: int
    flagged_rate: float | None


class TypeCell(Cell):
    """The transactions of a type."""

    type: str


class HourCell(Cell):
    """The transactions of an hour of the day, UTC."""

    hour: int


class WeekdayCell(Cell):
    """The transactions of a day of the week, UTC."""

    weekday: str


class AmountCell(Cell):
    """The transactions with an amount from `lower` (included) to `upper` (not included); the last band is open."""

    lower: float
    upper: float | None


class Unusual(TypedDict):
    """A figure of the day at twice its median or more, or half of it or less. `ratio` is null where the median is 0."""

    figure: str
    value: float
    median: float
    ratio: float | None


class UnusualDay(TypedDict):
    """Yesterday, the last day that is over, against the median of the days before.

    `basis_days` of those had transactions; with too few nothing is called unusual.
    """

    date: Day
    basis_days: int
    enough: bool
    figures: list[Unusual]


class TransactionPatterns(TypedDict):
    """Every type, hour, weekday and amount band is there, with zeros where nothing fell."""

    days: int
    since: Day
    until: Day
    sources: list[str]
    by_type: list[TypeCell]
    by_hour: list[HourCell]
    by_weekday: list[WeekdayCell]
    by_amount: list[AmountCell]
    top_destinations: list[TopDestination]
    unusual: UnusualDay


def transaction_patterns(counts: DailyCounts, period: Period) -> TransactionPatterns:
    """Reads three series over the days of the period, one of them at least over the last thirty. StoreUnavailable."""
    yesterday = period.last - timedelta(days=1)
    read = period.since(min(period.first, yesterday - timedelta(days=BASIS))).read(counts, DAYS)
    total = summed(one.counters for one in period.of(read))
    cells = summed(one.counters for one in period.read(counts, PATTERNS))
    by_day = daily(period.of(read))
    return {
        "days": period.length,
        "since": period.first.isoformat(),
        "until": period.last.isoformat(),
        "sources": list(period.sources),
        "by_type": [{"type": kind, **_type(total, kind)} for kind in get_args(TransactionType)],
        "by_hour": [{"hour": hour, **_cell(cells, f"h{hour:02d}")} for hour in range(24)],
        "by_weekday": [{"weekday": name, **_weekday(by_day, at)} for at, name in enumerate(WEEKDAYS)],
        "by_amount": [_amount(cells, at) for at in range(len(AMOUNT_EDGES))],
        "top_destinations": top(_lists(counts, period)),
        "unusual": unusual(daily(read), yesterday),
    }


def unusual(by_day: Mapping[str, Counters], day: date) -> UnusualDay:
    """A day against the `BASIS` days before it."""
    basis = [by_day.get((day - timedelta(days=back)).isoformat(), {}) for back in range(1, BASIS + 1)]
    with_some = sum(bool(counters.get("transactions")) for counters in basis)
    before, now = [_watched(counters) for counters in basis], _watched(by_day.get(day.isoformat(), {}))
    medians = {name: median(one[name] for one in before) for name in now}
    enough = with_some >= ENOUGH_DAYS
    found = [_unusual(name, now[name], medians[name]) for name in now if _stands_out(now[name], medians[name])]
    return {"date": day.isoformat(), "basis_days": with_some, "enough": enough, "figures": found if enough else []}


def _lists(counts: DailyCounts, period: Period) -> Iterator[Destinations]:
    found = counts.destinations(period.first.isoformat(), period.last.isoformat())
    return (one for source, one in found if source in period.sources)


def _watched(counters: Counters) -> dict[str, float]:
    told = figures(counters)
    names = ("transactions", "amount", "flagged", "blocked")
    types = {f"type.{kind}": float(number(counters, f"type.{kind}")) for kind in get_args(TransactionType)}
    return {name: float(told[name]) for name in names} | types  # type: ignore[literal-required]


def _stands_out(value: float, usual: float) -> bool:
    return abs(value - usual) >= ENOUGH and (value >= usual * TIMES or value <= usual / TIMES)


def _unusual(name: str, value: float, usual: float) -> Unusual:
    return {"figure": name, "value": value, "median": usual, "ratio": round(value / usual, 3) if usual else None}


def _type(total: Counters, kind: str) -> Cell:
    transactions, flagged = number(total, f"type.{kind}"), number(total, f"type_flagged.{kind}")
    return _of(transactions, total.get(f"type_amount.{kind}", Decimal()), flagged)


def _cell(cells: Counters, name: str) -> Cell:
    return _of(number(cells, name), cells.get(f"{name}a", Decimal()), number(cells, f"{name}f"))


def _weekday(by_day: Mapping[str, Counters], weekday: int) -> Cell:
    told = figures(summed(one for day, one in by_day.items() if date.fromisoformat(day).weekday() == weekday))
    return _of(told["transactions"], told["amount"], told["flagged"])


def _amount(cells: Counters, at: int) -> AmountCell:
    upper = float(AMOUNT_EDGES[at + 1]) if at + 1 < len(AMOUNT_EDGES) else None
    return {"lower": float(AMOUNT_EDGES[at]), "upper": upper, **_cell(cells, f"s{at}")}


def _of(transactions: int, amount: Decimal, flagged: int) -> Cell:
    rate = share(flagged, transactions)
    return {"transactions": transactions, "amount": amount, "flagged": flagged, "flagged_rate": rate}
