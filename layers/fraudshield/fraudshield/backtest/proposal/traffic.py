"""Thresholds from the risks of stored payments, most of which nobody knows the truth of.

Review is a quantile: as many payments as people can look at, whatever the risks have become since the training. Block
is chosen on its own, and moves only where labels prove it. What would be nonsense is refused, with the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from math import exp, log
from typing import Literal

from fraudshield.backtest.proposal.budget import Costs
from fraudshield.backtest.proposal.recalibration import Recalibration, recalibrated
from fraudshield.errors import InvalidInput
from fraudshield.policy.flagged_share import MOST_SHARE
from fraudshield.policy.threshold import Thresholds

LEAST = 1000  # payments; of fewer a share says little
LEAST_REVIEWED = 10  # so many should be within the budget, or one more or less is a tenth of it
ENOUGH_LABELS = 50  # of either kind, for a new calibration and for what is blocked
ENOUGH_FRAUDS = 25  # for a word on whether the risk knows anything
BLOCK_PRECISION = 0.5  # who is stopped without a look should be a thief more often than not
CHANCE = 0.001  # of a risk that knows nothing to have caught as many among as few payments
NO_BLOCK = 1.0
REFUSED = "No thresholds can be proposed"
BlockFrom = Literal["labels", "in_force", "nothing"]


@dataclass(frozen=True, slots=True)
class StoredRisk:
    """The risk that a payment was decided by, the money that it moves, and whether it was fraud, as far as known."""

    risk: float
    amount: float
    fraud: bool | None = None


@dataclass(frozen=True, slots=True)
class TrafficThresholds:
    """Thresholds, and what they would do of `payments`, as shares of them.

    `block_from` says what the block threshold goes by: labels, the one in force since too few labels say anything, or
    nothing, since labels say that most of what it blocks is genuine. `recalibration` is of the labels, where there are
    enough.
    """

    thresholds: Thresholds
    payments: int
    reviewed: float
    blocked: float
    block_from: BlockFrom
    frauds: int
    genuine: int
    recalibration: Recalibration | None


@dataclass(frozen=True, slots=True)
class _Level:
    """A risk that occurs, and what reaches it: payments, and of those whose truth is known how many are what."""

    risk: float
    payments: int
    frauds: int
    genuine: int
    genuine_money: float
    expected_loss: float


def proposed(
    rows: Sequence[StoredRisk], budget: float, in_force: Thresholds, costs: Costs | None = None
) -> TrafficThresholds:
    """`budget` is the share of payments that people can review; what is blocked stands beside it.

    Raises:
        InvalidInput: too few payments, or they would flag nothing, far too much, or no better than chance.
    """
    payments = len(rows)
    if payments < LEAST or payments * budget < LEAST_REVIEWED:
        says = f"{payments:,} payments have a risk, of which {payments * budget:.1f} can be reviewed"
        raise _refused(f"{says}; expected {LEAST:,} and {LEAST_REVIEWED} or more")
    known = [one for one in rows if one.fraud is not None]
    frauds = sum(one.fraud is True for one in known)
    genuine = len(known) - frauds
    enough = min(frauds, genuine) >= ENOUGH_LABELS
    again = recalibrated([(one.risk, one.fraud is True) for one in known]) if enough else None
    if again is not None and again.slope <= 0:
        raise _refused(
            f"of {frauds:,} frauds and {genuine:,} genuine payments those of higher risk are fraud less often"
        )
    levels = _levels(rows, again)
    if not levels:
        raise _refused(f"the risk of all {payments:,} payments is 0")
    block, block_from = _block(levels, in_force, again, costs)
    blocked = max((one.payments for one in levels if one.risk >= block), default=0)
    below = [one for one in levels if one.risk < block]
    affordable = [one for one in below if one.payments - blocked <= budget * payments]
    if affordable:
        review = affordable[-1] if costs is None else _cheapest(affordable, blocked, costs)
    elif blocked:
        review = min((one for one in levels if one.risk >= block), key=lambda one: one.risk)
    else:
        riskiest = levels[0]
        says = f"the {riskiest.payments / payments:.2%} of the payments that are riskiest all have the risk"
        raise _refused(f"{says} {riskiest.risk:g}, so none reviews {budget:.2%} or fewer")
    _expect_worth(review, payments, frauds, genuine)
    return TrafficThresholds(
        thresholds=Thresholds(review=min(review.risk, block), block=block),
        payments=payments,
        reviewed=(review.payments - blocked) / payments,
        blocked=blocked / payments,
        block_from=block_from,
        frauds=frauds,
        genuine=genuine,
        recalibration=again,
    )


def _levels(rows: Sequence[StoredRisk], again: Recalibration | None) -> list[_Level]:
    """Highest risk first. Nothing has the risk 0 that a threshold could reach."""
    ordered = sorted((one for one in rows if one.risk > 0), key=lambda one: -one.risk)
    tied = [(risk, [*same]) for risk, same in groupby(ordered, key=lambda one: one.risk)]
    counted = [
        (
            len(same),
            sum(one.fraud is True for one in same),
            sum(one.fraud is False for one in same),
            sum(one.amount for one in same if one.fraud is False),
            (again.risk(risk) if again else risk) * sum(one.amount for one in same),
        )
        for risk, same in tied
    ]
    sums = accumulate(counted, lambda so_far, more: tuple(a + b for a, b in zip(so_far, more, strict=True)))
    return [_Level(risk, *reached) for (risk, _), reached in zip(tied, sums, strict=True)]


def _block(
    levels: Sequence[_Level], in_force: Thresholds, again: Recalibration | None, costs: Costs | None
) -> tuple[float, BlockFrom]:
    if again is None:
        return float(in_force.block), "in_force"
    good = [
        one
        for one in levels
        if one.frauds + one.genuine >= ENOUGH_LABELS
        and one.frauds >= BLOCK_PRECISION * (one.frauds + one.genuine)
        and again.risk(one.risk) >= BLOCK_PRECISION
        and (costs is None or costs.wrong_block * one.genuine_money <= costs.review * (one.frauds + one.genuine))
    ]
    if good:
        return good[-1].risk, "labels"
    reached = [one for one in levels if one.risk >= in_force.block]
    judged = reached and reached[-1].frauds + reached[-1].genuine >= ENOUGH_LABELS
    return (NO_BLOCK, "nothing") if judged else (float(in_force.block), "in_force")


def _cheapest(affordable: Sequence[_Level], blocked: int, costs: Costs) -> _Level:
    """Reviewing from a level on costs the reviews and saves what is expected to be lost there."""
    return min(affordable, key=lambda one: costs.review * (one.payments - blocked) - costs.lost * one.expected_loss)


def _expect_worth(review: _Level, payments: int, frauds: int, genuine: int) -> None:
    """Chernoff's bound says how likely a risk that knows nothing catches as many of those whose truth is known."""
    if review.payments > MOST_SHARE * payments:
        raise _refused(f"they would flag {review.payments / payments:.1%} of the payments")
    reached, caught = review.frauds + review.genuine, review.frauds
    if frauds < ENOUGH_FRAUDS or not genuine:
        return
    by_chance = frauds * reached / (frauds + genuine)
    likely = exp(caught - by_chance - caught * log(caught / by_chance)) if caught > by_chance > 0 else 1.0
    if likely > CHANCE:
        says = f"of {frauds:,} known frauds the {reached:,} riskiest payments of known truth have {caught:,}"
        raise _refused(f"{says}, chance alone would find {by_chance:.1f}")


def _refused(why: str) -> InvalidInput:
    return InvalidInput(f"{REFUSED}: {why}", code="degenerate_thresholds")
