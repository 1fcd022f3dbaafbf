"""The risks of today's and yesterday's online payments, as the counts have them: by day, in the bins of the scores."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fraudshield.analytics.bin import SCORE_EDGES, score_bounds
from fraudshield.analytics.period import Period
from fraudshield.analytics.port import Aggregates
from fraudshield.analytics.series import SCORES
from fraudshield.analytics.statistics import number, summed
from fraudshield.policy.flagged_share import RiskCount
from fraudshield.predictor.forest import STEPS
from fraudshield.predictor.predictor import RULES_VERSION

ONLINE = ("api", "queue")


@dataclass(frozen=True, slots=True)
class CountedRisks:
    """Reads one series over two days; how long that takes does not depend on how much came."""

    aggregates: Aggregates

    def counts(self, now: datetime) -> list[RiskCount]:
        """By bin. What the rules decided is left out: no threshold reads their constants."""
        two_days = Period(now.date() - timedelta(days=1), now.date(), ONLINE)
        read = two_days.read(self.aggregates, SCORES)
        counters = summed(one.counters for one in read if one.version != RULES_VERSION)
        return [RiskCount(_highest(at), number(counters, f"n.{at:02d}")) for at in range(len(SCORE_EDGES))]


def _highest(at: int) -> float:
    """The highest risk in a bin: risks come in steps, and only the last bin has its upper edge in it."""
    _, upper = score_bounds(at)
    return upper if upper == 1 else round(upper - 1 / STEPS, 4)
