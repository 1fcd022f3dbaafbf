from collections.abc import Callable

import numpy as np
import pytest

from fraudshield.backtest.proposal.budget import Budget, Costs, read_budget, read_costs
from fraudshield.errors import InvalidInput
from fraudshield.policy.policy import Thresholds
from fraudshield.predictor.columns import Booleans, Floats
from model.fitting.proposal import CalibrationRows, proposed

ROWS = 40_000
COSTS = Costs(review=4, wrong_block=0.15, lost=1)
SCORES: dict[str, Callable[[np.random.Generator, Booleans], Floats]] = {
    "perfect": lambda rng, fraud: np.where(fraud, 0.98, 0.0001),
    "perfect, all different": lambda rng, fraud: np.round(np.where(fraud, 0.5, 0.0) + rng.random(ROWS) / 2, 4),
    "good": lambda rng, fraud: np.round(1 / (1 + np.exp(4 - 4 * fraud - rng.normal(0, 1, ROWS))), 4),
    "good, five ties": lambda rng, fraud: np.round(rng.binomial(4, np.where(fraud, 0.9, 0.1)) / 4, 4),
    "good, two ties": lambda rng, fraud: np.where(rng.random(ROWS) < np.where(fraud, 0.9, 0.02), 0.3, 0.001),
    "half of it perfect": lambda rng, fraud: np.where(fraud & (rng.random(ROWS) < 0.5), 0.9, 0.001),
    "useless": lambda rng, fraud: np.round(rng.random(ROWS), 4),
    "useless, one tie": lambda rng, fraud: np.full(ROWS, 0.5),
    "useless, two ties": lambda rng, fraud: np.where(rng.random(ROWS) < 0.003, 0.9, 0.1),
    "nothing": lambda rng, fraud: np.zeros(ROWS),
    "upside down": lambda rng, fraud: np.where(fraud, 0.0001, 0.98),
}
WORTHLESS = {name for name in SCORES if name.startswith(("useless", "nothing", "upside"))}


def scored(risk: Floats, fraud: Booleans, amount: float = 100.0) -> CalibrationRows:
    return CalibrationRows(np.asarray(risk, float), fraud, np.ones(len(risk)), np.full(len(risk), amount))


def tried(rows: CalibrationRows, costs: Costs | None) -> Thresholds | str:
    """What is proposed, or why nothing is."""
    try:
        return proposed(rows, 0.005, costs)
    except InvalidInput as exc:
        return str(exc)


@pytest.mark.parametrize("costs", [None, COSTS], ids=["budget", "costs"])
@pytest.mark.parametrize("prevalence", [0.0005, 0.001, 0.003, 0.01, 0.05])
@pytest.mark.parametrize("name", SCORES)
def test_a_proposal_is_worth_it_or_says_why_there_is_none(name: str, prevalence: float, costs: Costs | None) -> None:
    rng = np.random.default_rng(int(prevalence * 1e5))
    fraud = rng.random(ROWS) < prevalence
    risk = SCORES[name](rng, fraud)
    found = tried(scored(risk, fraud), costs)
    if isinstance(found, str):
        assert found.startswith("No thresholds can be proposed: ")
        assert name in WORTHLESS or "ties" in name
        return
    assert name not in WORTHLESS
    flagged, blocked = risk >= float(found.review), risk >= float(found.block)
    reviewed = flagged & ~blocked
    assert 0 < flagged.mean() <= 0.2
    assert reviewed.mean() <= 0.005
    assert fraud[flagged].mean() > 2 * fraud.mean()
    assert not blocked.any() or fraud[blocked].mean() >= 0.5
    assert not name.startswith("perfect") or (fraud & flagged).sum() == min(fraud.sum(), flagged.sum())


def test_blocks_stand_beside_the_reviews_and_take_nothing_of_their_budget() -> None:
    risk = np.arange(10_000) / 10_000
    fraud = risk >= 0.98  # twice as many as can be reviewed
    found = proposed(scored(risk, fraud), 0.01)
    assert found.block == 0.96  # half of what reaches it is fraud
    assert found.review == 0.95


def test_nobody_is_blocked_at_a_risk_below_a_half() -> None:
    risk = np.where(np.arange(10_000) < 9_900, 0.001, np.where(np.arange(10_000) < 9_950, 0.4, 0.9))
    fraud = (risk == 0.9) | ((risk == 0.4) & (np.arange(10_000) % 2 == 0))
    assert proposed(scored(risk, fraud), 0.005) == Thresholds(review=0.4, block=0.9)


def test_costs_leave_reviews_undone_that_cost_more_than_they_save() -> None:
    risk = np.where(np.arange(10_000) < 9_900, 0.001, np.where(np.arange(10_000) < 9_980, 0.01, 0.3))
    fraud = (risk == 0.3) | (np.arange(10_000) == 9_901)
    assert proposed(scored(risk, fraud), 0.02).review == 0.01
    assert proposed(scored(risk, fraud, amount=5.0), 0.02, COSTS).review == 0.3


def test_a_weight_counts_a_row_that_often() -> None:
    risk = np.array([0.001] * 800 + [0.2] * 5 + [0.9] * 60)
    fraud = risk > 0.5
    weight = np.where(risk < 0.01, 10.0, 1.0)
    few = CalibrationRows(risk, fraud, np.ones(len(risk)), np.ones(len(risk)))
    many = CalibrationRows(risk, fraud, weight, np.ones(len(risk)))
    assert proposed(few, 0.001).review == 0.9
    assert proposed(many, 0.001).review == 0.2


def test_budgets_and_costs_are_read_as_people_say_them() -> None:
    assert (read_budget("0.5%"), read_budget("200/day")) == (Budget(0.005), Budget(None, 200.0))
    assert read_budget("200/day").of(40_000) == 0.005
    assert read_costs("review=4,wrong_block=15%,lost=100%") == COSTS
    for text in ("0.5", "0%", "80%", "many", "0/day"):
        with pytest.raises(InvalidInput, match=r"budget is '.*', expected a share up to 50% as 0.5%, or a number"):
            read_budget(text)
    for text, says in (
        ("review=4", "lack wrong_block, lost"),
        ("review=4%", "have 'review=4%'"),
        ("x=1", "have 'x=1'"),
    ):
        with pytest.raises(InvalidInput, match=f"costs {says}"):
            read_costs(text)
