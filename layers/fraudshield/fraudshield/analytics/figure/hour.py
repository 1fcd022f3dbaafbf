"""Outcomes by hour of the day: how many were approved, reviewed and blocked, and how much money that was."""

from collections.abc import Iterable
from decimal import Decimal

from typing_extensions import TypedDict

from fraudshield.analytics.port import Counters, Slice
from fraudshield.analytics.series import EXACT
from fraudshield.analytics.statistics import number, summed
from fraudshield.text.json_text import Number

UNDECIDED_SOURCE = "store"  # what is stored without a decision


class OutcomesOfHour(TypedDict):
    """The figures of an hour of the day, UTC, over all days of the period.

    What was reviewed and what was blocked, and the money of outcomes, are null where days are among them whose counts
    are of a release that did not tell them apart.
    """

    hour: int
    transactions: int
    amount: Number
    approved: int
    reviewed: int | None
    blocked: int | None
    amount_approved: Number | None
    amount_reviewed: Number | None
    amount_blocked: Number | None


def outcomes_by_hour(patterns: Iterable[Slice], flagged: Iterable[Slice]) -> list[OutcomesOfHour]:
    """All 24 hours, from the counts by hour of the day and those of what was flagged."""
    kept = list(patterns)
    total, held = summed(one.counters for one in kept), summed(one.counters for one in flagged)
    decided = summed(one.counters for one in kept if one.source != UNDECIDED_SOURCE)
    return [_hour(hour, total, decided, held) for hour in range(24)]


def _hour(hour: int, total: Counters, decided: Counters, held: Counters) -> OutcomesOfHour:
    name = f"h{hour:02d}"
    reviewed, blocked, flagged = number(held, f"{name}r"), number(held, f"{name}b"), number(total, f"{name}f")
    apart = reviewed + blocked == flagged
    review_amount, block_amount = (held.get(f"{name}{one}a", Decimal()) for one in "rb")
    money = decided.get(f"{name}a", Decimal())
    return {
        "hour": hour,
        "transactions": number(total, name),
        "amount": total.get(f"{name}a", Decimal()),
        "approved": number(decided, name) - flagged,
        "reviewed": reviewed if apart else None,
        "blocked": blocked if apart else None,
        "amount_approved": EXACT.subtract(money, EXACT.add(review_amount, block_amount)) if apart else None,
        "amount_reviewed": review_amount if apart else None,
        "amount_blocked": block_amount if apart else None,
    }
