"""Whether people have as many payments to look at as their policy says that they can (`review_budget`).

Nobody else tells of a rate that left its budget: the queue fills, or thresholds that have got too high find less.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import log, sqrt

from fraudshield.analytics.category.narrowing import CategoryCounts, whole
from fraudshield.analytics.drift import LIVE
from fraudshield.analytics.period import Period
from fraudshield.analytics.port import AggregatesByCategory
from fraudshield.analytics.series import DAYS
from fraudshield.analytics.statistics import number, summed
from fraudshield.event_type.event_type import EventType
from fraudshield.policy.outcome import Outcome
from fraudshield.policy.policy import Policy

COMPARED_DAYS = 7  # whole weeks: a week's end is no change of anything
LEAST, LEAST_REVIEWS = 1000, 10  # payments, and reviews that the budget expects: as a proposal asks for
SURE = (
    3.0  # standard deviations; reviews vary twice as much as independent ones, since payments of an account are alike
)
ALIKE = 2.0
LEFT = 0.25  # the alarm's threshold, on a logarithmic scale: 28 % above, or 22 % below


@dataclass(frozen=True, slots=True)
class ReviewedShare:
    """Reviews among the decided payments of a policy's last days."""

    event_type: str
    budget: float
    payments: int
    reviews: int

    @property
    def distance(self) -> float | None:
        """How far the share is from its budget for sure: |ln| of the nearer end of its interval over the budget.

        0 where the interval has the budget in it; None where too few payments say anything.
        """
        expected = self.budget * self.payments
        if self.payments < LEAST or expected < LEAST_REVIEWS:
            return None
        margin = SURE * sqrt(ALIKE * expected)
        low, high = (self.reviews - margin) / expected, (self.reviews + margin) / expected
        return log(low) if low > 1 else -log(high) if high < 1 else 0.0


def reviewed_shares(
    aggregates: AggregatesByCategory, policies: Mapping[str, Policy], types: Mapping[str, EventType], now: datetime
) -> Iterator[ReviewedShare]:
    """Of each event type whose own policy states a budget, from the day after it was put in force on.

    `policies` are those in force by event type. Two reads a type. Raises StoreUnavailable.
    """
    for name, policy in policies.items():
        if policy.review_budget is None:
            continue
        first = now.date() - timedelta(days=COMPARED_DAYS - 1)
        begun = policy.activated_at or policy.created_at
        since = max(first, begun.date() + timedelta(days=1)) if begun else first
        if since <= now.date():
            counts = CategoryCounts(aggregates, whole(types[name], aggregates).categories)
            yield _reviewed(counts, name, float(policy.review_budget), since, now.date())


def _reviewed(counts: CategoryCounts, name: str, budget: float, first: date, last: date) -> ReviewedShare:
    found = summed(one.counters for one in Period(first, last, LIVE).read(counts, DAYS))
    return ReviewedShare(name, budget, number(found, "decisions"), number(found, f"outcome.{Outcome.REVIEW}"))
