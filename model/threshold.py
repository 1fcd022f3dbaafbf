"""The thresholds a model proposes for a first policy, found on the calibration rows."""

import numpy as np

from fraudshield.policy.policy import Thresholds
from fraudshield.predictor.columns import Booleans, Floats

ALERT_BUDGET = 0.005  # the share of traffic that people can look at
BLOCK_PRECISION = 0.5  # who is stopped without a look should be a thief more often than not
BLOCK_ROWS = 50  # fewer rows prove no precision
PROTOCOL = (
    "on the calibration rows: review from the lowest risk that at most 0.5 % of the rows reach; block from the lowest "
    "risk at which at least half of the rows that reach it, 50 or more, are fraud; 1 where there is none"
)


def proposed_thresholds(risk: Floats, fraud: Booleans) -> Thresholds:
    """By `PROTOCOL`."""
    levels = np.unique(risk[risk > 0])
    ordered = np.sort(risk)
    reached = len(risk) - np.searchsorted(ordered, levels)
    caught = int(fraud.sum()) - np.searchsorted(np.sort(risk[fraud]), levels)
    in_budget = levels[reached <= ALERT_BUDGET * len(risk)]
    review = float(in_budget[0]) if len(in_budget) else 1.0
    precise = levels[(reached >= BLOCK_ROWS) & (caught >= BLOCK_PRECISION * reached)]
    block = float(precise[0]) if len(precise) else 1.0
    return Thresholds(review=review, block=max(review, block))
