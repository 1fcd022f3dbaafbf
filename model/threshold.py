"""The thresholds a model proposes for a policy, found on the calibration rows; refused where they would be nonsense."""

from math import exp, log

import numpy as np

from fraudshield.policy.policy import Thresholds
from fraudshield.predictor.columns import Booleans, Floats
from model.quantile import Integers

ALERT_BUDGET = 0.005  # the share of traffic that people can look at
BLOCK_PRECISION = 0.5  # who is stopped without a look should be a thief more often than not
BLOCK_ROWS = 50  # fewer rows prove no precision
CHANCE = 0.001  # of a score that knows nothing to have caught as many among as few rows
MOST_FLAGGED = 0.2  # of the rows; as much as a change of the policy may flag without being forced
PROTOCOL = (
    "on the calibration rows: review from the lowest risk that at most 0.5 % of the rows reach; block from the lowest "
    "risk at which at least half of the rows that reach it, 50 or more, are fraud; 1 where there is none; where review "
    "finds no risk below block, from block on"
)


def proposed_thresholds(risk: Floats, fraud: Booleans) -> Thresholds:
    """By `PROTOCOL`.

    Raises:
        ValueError: they would flag nothing, or far too much, or no better than chance; says which and why.
    """
    levels = np.unique(risk[risk > 0])
    reached = len(risk) - np.searchsorted(np.sort(risk), levels)
    caught = int(fraud.sum()) - np.searchsorted(np.sort(risk[fraud]), levels)
    in_budget = np.flatnonzero(reached <= ALERT_BUDGET * len(risk))
    precise = np.flatnonzero((reached >= BLOCK_ROWS) & (caught >= BLOCK_PRECISION * reached))
    if not len(in_budget) and not len(precise):
        raise ValueError(f"No thresholds can be proposed: {_too_coarse(levels, reached, len(risk))}")
    first = int(np.concatenate([in_budget[:1], precise[:1]]).min())
    _expect_worth(int(reached[first]), int(caught[first]), int(fraud.sum()), len(risk))
    return Thresholds(review=float(levels[first]), block=float(levels[precise[0]]) if len(precise) else 1.0)


def _too_coarse(levels: Floats, reached: Integers, rows: int) -> str:
    if not len(levels):
        return "the risk of every calibration row is 0"
    return (
        f"the {reached[-1] / rows:.2%} of the calibration rows that are riskiest all have the risk {levels[-1]:g}, so "
        f"none flags {ALERT_BUDGET:.1%} or fewer, and too few of them are fraud to block them"
    )


def _expect_worth(reached: int, caught: int, frauds: int, rows: int) -> None:
    """Chernoff's bound says how likely a score that knows nothing catches as many."""
    if reached > MOST_FLAGGED * rows:
        raise ValueError(f"No thresholds can be proposed: they would flag {reached / rows:.1%} of the calibration rows")
    by_chance = frauds * reached / rows
    likely = exp(caught - by_chance - caught * log(caught / by_chance)) if caught > by_chance > 0 else 1.0
    if likely > CHANCE:
        raise ValueError(
            f"No thresholds can be proposed: of {frauds} frauds the {reached} riskiest calibration rows have {caught}, "
            f"chance alone would find {by_chance:.1f}"
        )
