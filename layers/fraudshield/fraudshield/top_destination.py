"""Where flagged money goes: the destinations of the dearest cases that still wait for somebody's verdict.

Counts name nobody, so destinations cannot be counted as the rest is. The review queue names them, and what is erased or
labelled has left it.
"""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from typing_extensions import TypedDict

from fraudshield.period import Period
from fraudshield.ports import OpenCases
from fraudshield.transaction_list import Listed

SHOWN = 10
CASES = 250  # of each outcome: one read each, whatever is stored


class TopDestination(TypedDict):
    """What is held back from one account."""

    destination: str
    flagged: int
    amount: float


class TopDestinations(TypedDict):
    """`cases` of the period were among the dearest by expected loss; `complete` where no others wait, of any day."""

    cases: int
    complete: bool
    destinations: list[TopDestination]


def top_destinations(open_cases: OpenCases, period: Period) -> TopDestinations:
    """By flagged amount, greatest first. Two reads. Raises StoreUnavailable."""
    dearest, complete = open_cases.dearest(CASES)
    inside = [one for one in dearest if period.holds(one.occurred_at.date(), one.source)]
    return {"cases": len(inside), "complete": complete, "destinations": _greatest(inside)}


def _greatest(cases: Sequence[Listed]) -> list[TopDestination]:
    amounts: dict[str, list[Decimal]] = defaultdict(list)
    for one in cases:
        amounts[one.destination].append(one.amount)
    greatest = sorted(amounts.items(), key=lambda held: (-sum(held[1]), held[0]))[:SHOWN]
    return [{"destination": name, "flagged": len(each), "amount": float(sum(each))} for name, each in greatest]
