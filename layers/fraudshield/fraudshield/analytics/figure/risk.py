"""How the risks of first decisions are distributed, beside the thresholds that are in force."""

from collections.abc import Sequence
from decimal import Decimal
from functools import reduce

from typing_extensions import TypedDict

from fraudshield.analytics.bin import SCORE_EDGES, score_bands, score_bounds
from fraudshield.analytics.figure.trend import share
from fraudshield.analytics.period import Period
from fraudshield.analytics.port import Counters, DailyCounts
from fraudshield.analytics.series import EXACT, SCORES
from fraudshield.analytics.statistics import number, summed
from fraudshield.policy.port import PolicyInForce
from fraudshield.text.json_text import Number
from fraudshield.text.schema import Day


class RiskBand(TypedDict):
    """Risks from `lower` (included) to `upper` (not included, but for 1). `share` is of all decisions."""

    lower: float
    upper: float
    transactions: int
    amount: Number
    share: float | None


class ThresholdsInForce(TypedDict):
    """From which risk on the policy reviews and blocks now; decisions were made by those that were in force then."""

    review: float | Number
    block: float | Number
    policy_version: int


class RiskDistribution(TypedDict):
    """Twenty bands of 0.05, and the same in finer bins where most scores lie.

    `degraded` says so where the policy could not be read and the thresholds are the last known ones.
    """

    days: int
    since: Day
    until: Day
    sources: list[str]
    total_decisions: int
    bands: list[RiskBand]
    bins: list[RiskBand]
    by_model: dict[str, int]
    thresholds: ThresholdsInForce
    degraded: list[str]


def risk_distribution(counts: DailyCounts, period: Period, policy: PolicyInForce) -> RiskDistribution:
    """Reads one series over the days of the period. Raises StoreUnavailable."""
    read = period.read(counts, SCORES)
    counters = summed(one.counters for one in read)
    total = decisions(counters)
    versions = sorted({one.version for one in read})
    return {
        "days": period.length,
        "since": period.first.isoformat(),
        "until": period.last.isoformat(),
        "sources": list(period.sources),
        "total_decisions": total,
        "bands": [_band(counters, lower, upper, inside, total) for lower, upper, inside in score_bands()],
        "bins": [_band(counters, *score_bounds(at), (at,), total) for at in range(len(SCORE_EDGES))],
        "by_model": {
            version: decisions(summed(one.counters for one in read if one.version == version)) for version in versions
        },
        "thresholds": {
            "review": policy.policy.thresholds.review,
            "block": policy.policy.thresholds.block,
            "policy_version": policy.policy.version,
        },
        "degraded": list(policy.degraded),
    }


def decisions(counters: Counters) -> int:
    """How many were counted in a series of scores."""
    return in_bins(counters, "n")


def in_bins(counters: Counters, prefix: str) -> int:
    """The sum over all score bins: of `n` for decisions, `f` for frauds, `g` for genuine ones."""
    return sum(number(counters, f"{prefix}.{at:02d}") for at in range(len(SCORE_EDGES)))


def _band(counters: Counters, lower: float, upper: float, inside: Sequence[int], total: int) -> RiskBand:
    transactions = sum(number(counters, f"n.{at:02d}") for at in inside)
    amount = reduce(EXACT.add, (counters.get(f"a.{at:02d}", Decimal()) for at in inside), Decimal())
    return {
        "lower": lower,
        "upper": upper,
        "transactions": transactions,
        "amount": amount,
        "share": share(transactions, total),
    }
