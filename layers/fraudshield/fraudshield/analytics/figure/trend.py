"""Trends: what came, what was flagged and blocked, and what turned out to be fraud, day by day and against before."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from typing_extensions import TypedDict

from fraudshield.analytics.figure.hour import OutcomesOfHour, outcomes_by_hour
from fraudshield.analytics.period import Period
from fraudshield.analytics.port import Counters, DailyCounts, Slice
from fraudshield.analytics.series import DAYS, EXACT, FLAGGED_HOURS, PATTERNS
from fraudshield.analytics.statistics import number, summed
from fraudshield.policy.policy import Outcome
from fraudshield.text.json_text import Number
from fraudshield.text.schema import Day


class TrendFigures(TypedDict):
    """Amounts are in the reporting currency where the event type names one, else as payments were sent.

    `flagged` is reviewed and blocked, `amount_stopped` the money of blocked ones. Labels count on the day of their
    transaction, whenever they came. `flagged_rate` is of all decisions, null where there was none.
    """

    transactions: int
    amount: Number
    decisions: int
    approved: int
    reviewed: int
    blocked: int
    flagged: int
    flagged_rate: float | None
    amount_approved: Number
    amount_reviewed: Number
    amount_flagged: Number
    amount_stopped: Number
    labelled_fraud: int
    labelled_genuine: int
    amount_labelled_fraud: Number


class DayFigures(TrendFigures):
    """The figures of one day, UTC."""

    date: Day


class TrendChange(TypedDict):
    """The change against the period before: 0.1 is a tenth more. Null where there was nothing to compare with."""

    transactions: float | None
    amount: float | None
    flagged: float | None
    blocked: float | None
    amount_stopped: float | None
    labelled_fraud: float | None


class FraudTrends(TypedDict):
    """Every day has its figures, a day without transactions zeros; every hour of the day too, over all days.

    `before` is as many days, up to the first one.
    """

    days: int
    since: Day
    until: Day
    sources: list[str]
    trends: list[DayFigures]
    hours: list[OutcomesOfHour]
    total: TrendFigures
    before: TrendFigures
    change: TrendChange


CHANGES = ("transactions", "amount", "flagged", "blocked", "amount_stopped", "labelled_fraud")


def fraud_trends(counts: DailyCounts, period: Period) -> FraudTrends:
    """Reads twice the days of the period in one series, and the period in two. Raises StoreUnavailable."""
    read = period.since(period.before.first).read(counts, DAYS)
    by_day, inside = daily(read), period.of(read)
    total, before = _figures(inside), _figures(period.before.of(read))
    return {
        "days": period.length,
        "since": period.first.isoformat(),
        "until": period.last.isoformat(),
        "sources": list(period.sources),
        "trends": [{"date": day.isoformat(), **figures(by_day.get(day.isoformat(), {}))} for day in period.days()],
        "hours": outcomes_by_hour(period.read(counts, PATTERNS), period.read(counts, FLAGGED_HOURS)),
        "total": total,
        "before": before,
        "change": {name: _change(total[name], before[name]) for name in CHANGES},  # type: ignore[literal-required,typeddict-item]
    }


def daily(slices: Iterable[Slice]) -> Mapping[str, Counters]:
    """The counters of each day, over all sources."""
    parts: dict[str, list[Counters]] = defaultdict(list)
    for one in slices:
        parts[one.at].append(one.counters)
    return {day: summed(counters) for day, counters in parts.items()}


def figures(counters: Counters) -> TrendFigures:
    """The figures of a day's counters, or of the sums of many days."""
    decisions = number(counters, "decisions")
    reviewed, blocked = number(counters, f"outcome.{Outcome.REVIEW}"), number(counters, f"outcome.{Outcome.BLOCK}")
    money = {one: counters.get(f"outcome_amount.{one}", Decimal()) for one in Outcome}
    return {
        "transactions": number(counters, "transactions"),
        "amount": counters.get("amount", Decimal()),
        "decisions": decisions,
        "approved": number(counters, f"outcome.{Outcome.APPROVE}"),
        "reviewed": reviewed,
        "blocked": blocked,
        "flagged": reviewed + blocked,
        "flagged_rate": share(reviewed + blocked, decisions),
        "amount_approved": money[Outcome.APPROVE],
        "amount_reviewed": money[Outcome.REVIEW],
        "amount_flagged": EXACT.add(money[Outcome.REVIEW], money[Outcome.BLOCK]),
        "amount_stopped": money[Outcome.BLOCK],
        "labelled_fraud": number(counters, "label.fraud"),
        "labelled_genuine": number(counters, "label.genuine"),
        "amount_labelled_fraud": counters.get("label_amount.fraud", Decimal()),
    }


def share(part: int | Decimal, whole: int | Decimal) -> float | None:
    """The share to six decimals; null where the whole is nothing."""
    return round(float(part / whole), 6) if whole else None


def _figures(slices: Iterable[Slice]) -> TrendFigures:
    return figures(summed(one.counters for one in slices))


def _change(now: float | Decimal, before: float | Decimal) -> float | None:
    return round(float(now) / float(before) - 1, 6) if before else None
