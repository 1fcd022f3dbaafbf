"""Thresholds proposed from the rows to calibrate on: what people can review, and beside it what is blocked unseen.

Block is chosen on its own. Whatever would flag nothing, far too much, or no better than chance is refused.
"""

from dataclasses import dataclass
from math import exp, log

import numpy as np

from fraudshield.backtest.proposal.budget import Costs
from fraudshield.errors import InvalidInput
from fraudshield.policy.policy import Thresholds
from fraudshield.predictor.columns import Booleans, Floats
from model.quantile import Integers

BLOCK_PRECISION = 0.5  # who is stopped without a look should be a thief more often than not
BLOCK_ROWS = 50  # fewer rows prove no precision
CHANCE = 0.001  # of a score that knows nothing to have caught as many among as few rows
MOST_FLAGGED = 0.2  # of the rows; as much as a change of the policy may flag without being forced
NO_BLOCK = 1.0
REFUSED = "No thresholds can be proposed"
PROTOCOL = (
    "on the rows to calibrate on: block from the lowest risk of a half or more at which at least half of the payments "
    "that reach it, 50 rows or more, are fraud, and, where costs are given, at which blocking them all costs no more "
    "than reviewing them; 1 where there is none. Review from the lowest risk below block at which what reaches it and "
    "is not blocked is within the budget; where costs are given, from the risk among those that costs least"
)


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationRows:
    """Rows with their risk and truth, how many payments each stands for, and the money that each moves."""

    risk: Floats
    fraud: Booleans
    weight: Floats
    amount: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Levels:
    """By risk that occurs, ascending: how many rows and payments reach it, how many of those are fraud, the money."""

    risk: Floats
    rows: Floats
    payments: Floats
    frauds: Floats
    stolen: Floats
    genuine_money: Floats

    @classmethod
    def of(cls, scored: CalibrationRows) -> "_Levels":
        levels, of = np.unique(scored.risk, return_inverse=True)
        some = levels > 0

        def reaching(part: Floats) -> Floats:
            sums = np.bincount(of, weights=part, minlength=len(levels))
            return np.asarray(np.cumsum(sums[::-1])[::-1][some], np.float64)

        fraud = scored.weight * scored.fraud
        return cls(
            risk=levels[some],
            rows=reaching(np.ones(len(of))),
            payments=reaching(scored.weight),
            frauds=reaching(fraud),
            stolen=reaching(fraud * scored.amount),
            genuine_money=reaching((scored.weight - fraud) * scored.amount),
        )


def proposed(scored: CalibrationRows, budget: float, costs: Costs | None = None) -> Thresholds:
    """By `PROTOCOL`; `budget` is the share of payments that people can review.

    Raises:
        InvalidInput: they would flag nothing, or far too much, or no better than chance; says which and why.
    """
    levels, payments = _Levels.of(scored), float(scored.weight.sum())
    frauds = float((scored.weight * scored.fraud).sum())
    block = _block(levels, costs)
    blocked = levels.payments[block] if block is not None else 0.0
    below = len(levels.risk) if block is None else block
    reviewed = levels.payments[:below] - blocked
    affordable = np.flatnonzero(reviewed <= budget * payments)
    if not len(affordable) and block is None:
        raise InvalidInput(f"{REFUSED}: {_too_coarse(levels, payments, budget)}", code="degenerate_thresholds")
    if len(affordable):
        cheapest = 0 if costs is None else int(np.argmin(_cost(levels, affordable, blocked, costs)))
        first = int(affordable[cheapest])
    else:
        first = below
    _expect_worth(levels.payments[first], levels.frauds[first], levels.rows[first], frauds, payments)
    return Thresholds(review=float(levels.risk[first]), block=NO_BLOCK if block is None else float(levels.risk[block]))


def _block(levels: _Levels, costs: Costs | None) -> int | None:
    good = (levels.rows >= BLOCK_ROWS) & (levels.frauds >= BLOCK_PRECISION * levels.payments)
    good &= levels.risk >= BLOCK_PRECISION
    if costs is not None:
        good &= costs.wrong_block * levels.genuine_money <= costs.review * levels.payments
    found = np.flatnonzero(good)
    return int(found[0]) if len(found) else None


def _cost(levels: _Levels, at: Integers, blocked: float, costs: Costs) -> Floats:
    """Of reviewing from each of these levels on: the reviews, and what is lost below."""
    lost = levels.stolen.max(initial=0.0) - levels.stolen[at]
    return np.asarray(costs.review * (levels.payments[at] - blocked) + costs.lost * lost, np.float64)


def _too_coarse(levels: _Levels, payments: float, budget: float) -> str:
    if not len(levels.risk):
        return "the risk of every row to calibrate on is 0"
    return (
        f"the {levels.payments[-1] / payments:.2%} of the payments that are riskiest all have the risk "
        f"{levels.risk[-1]:g}, so none reviews {budget:.2%} or fewer, and too few of them are fraud to block them"
    )


def _expect_worth(reached: float, caught: float, rows: float, frauds: float, payments: float) -> None:
    """Chernoff's bound says how likely a score that knows nothing catches as many."""
    if reached > MOST_FLAGGED * payments:
        says = f"they would flag {reached / payments:.1%} of the payments"
        raise InvalidInput(f"{REFUSED}: {says}", code="degenerate_thresholds")
    by_chance = frauds * reached / payments
    likely = exp(caught - by_chance - caught * log(caught / by_chance)) if caught > by_chance > 0 else 1.0
    if likely > CHANCE:
        says = (
            f"of {frauds:g} frauds the {rows:g} riskiest rows have {caught:g}, chance alone would find {by_chance:.1f}"
        )
        raise InvalidInput(f"{REFUSED}: {says}", code="degenerate_thresholds")
