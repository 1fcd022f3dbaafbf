"""Thresholds from stored risks: within the budget whatever the traffic is, or refused with the reason."""

from collections.abc import Callable, Sequence
from math import exp
from random import Random

import pytest

from fraudshield.backtest.proposal.budget import Costs
from fraudshield.backtest.proposal.recalibration import recalibrated
from fraudshield.backtest.proposal.traffic import StoredRisk, TrafficThresholds, proposed
from fraudshield.errors import InvalidInput
from fraudshield.policy.threshold import Thresholds

ROWS, BUDGET = 6_000, 0.005
IN_FORCE = Thresholds(review=0.05, block=0.4)
COSTS = Costs(review=4, wrong_block=0.15, lost=1)
SCORES: dict[str, Callable[[Random, bool], float]] = {
    "perfect": lambda rng, fraud: 0.98 if fraud else 0.0001,
    "perfect, all different": lambda rng, fraud: round((0.5 if fraud else 0.0) + rng.random() / 2, 4),
    "good": lambda rng, fraud: round(1 / (1 + exp(4 - 4 * fraud - rng.gauss(0, 1))), 4),
    "good, two ties": lambda rng, fraud: 0.3 if rng.random() < (0.9 if fraud else 0.02) else 0.001,
    "half of it perfect": lambda rng, fraud: 0.9 if fraud and rng.random() < 0.5 else 0.001,
    "useless": lambda rng, fraud: round(rng.random() ** 8, 4),
    "useless, one tie": lambda rng, fraud: 0.3,
    "nothing": lambda rng, fraud: 0.0,
    "upside down": lambda rng, fraud: 0.0001 if fraud else round(rng.random() / 2, 4),
}
WORTHLESS = {"useless", "useless, one tie", "nothing", "upside down"}


def traffic(name: str, prevalence: float, labelled: bool) -> list[StoredRisk]:
    rng, rows = Random(f"{name} {prevalence}"), []
    for _ in range(ROWS):
        fraud = rng.random() < prevalence
        rows.append(StoredRisk(SCORES[name](rng, fraud), 100.0, fraud if labelled else None))
    return rows


def tried(rows: Sequence[StoredRisk], costs: Costs | None = None) -> TrafficThresholds | str:
    try:
        return proposed(rows, BUDGET, IN_FORCE, costs)
    except InvalidInput as exc:
        return str(exc)


@pytest.mark.parametrize("labelled", [True, False], ids=["labels", "no labels"])
@pytest.mark.parametrize("prevalence", [0.0005, 0.005, 0.05])
@pytest.mark.parametrize("name", SCORES)
def test_a_proposal_keeps_the_budget_or_says_why_there_is_none(name: str, prevalence: float, labelled: bool) -> None:
    rows = traffic(name, prevalence, labelled)
    truth = traffic(name, prevalence, labelled=True)
    for costs in (None, COSTS):
        found = tried(rows, costs)
        if isinstance(found, str):
            assert found.startswith("No thresholds can be proposed: ")
            assert name in WORTHLESS or "ties" in name or name == "perfect, all different"
            continue
        review, block = float(found.thresholds.review), float(found.thresholds.block)
        flagged = [at for at, one in enumerate(rows) if one.risk >= review]
        reviewed = [at for at in flagged if rows[at].risk < block]
        assert 0 < len(flagged) <= 0.2 * ROWS
        assert len(reviewed) == round(found.reviewed * ROWS) <= BUDGET * ROWS
        assert len(flagged) - len(reviewed) == round(found.blocked * ROWS)
        frauds = sum(one.fraud is True for one in truth)
        if labelled and frauds >= 25:
            assert name not in WORTHLESS
            assert sum(truth[at].fraud is True for at in flagged) > 2 * frauds * len(flagged) / ROWS
        if found.block_from == "labels":
            blocked = [truth[at].fraud for at in flagged if rows[at].risk >= block]
            assert sum(one is True for one in blocked) >= len(blocked) / 2
        if not labelled:
            assert (found.block_from, block) == ("in_force", 0.4)


def test_as_traffic_moves_the_threshold_follows_and_the_share_stays() -> None:
    rng = Random(1)
    before = [StoredRisk(round(rng.random() ** 6 * 0.3, 4), 1.0) for _ in range(ROWS)]
    after = [StoredRisk(one.risk / 3, one.amount) for one in before]
    old, new = (proposed(rows, BUDGET, IN_FORCE) for rows in (before, after))
    assert new.thresholds.review < old.thresholds.review / 2
    assert 0.0045 < old.reviewed <= BUDGET
    assert 0.0045 < new.reviewed <= BUDGET


def test_labels_that_prove_a_block_threshold_wrong_end_it() -> None:
    rows = [StoredRisk(0.001, 1.0, fraud=False)] * 9_000 + [
        StoredRisk(0.5, 1.0, fraud=at % 5 == 0) for at in range(400)
    ]
    rows += [StoredRisk(0.01 + at / 100_000, 1.0, fraud=False) for at in range(1000)]
    found = tried(rows)
    assert isinstance(found, str)
    assert "the 3.85% of the payments that are riskiest all have the risk 0.5, so none reviews 0.50%" in found
    spread = [StoredRisk(one.risk + at / 1e6, 1.0, one.fraud) for at, one in enumerate(rows)]
    again = tried(spread)
    assert isinstance(again, TrafficThresholds)
    assert (again.block_from, again.thresholds.block) == ("nothing", 1.0)


def test_costs_leave_reviews_undone_that_cost_more_than_they_save() -> None:
    rows = [StoredRisk(0.001, 5.0)] * 9_900 + [StoredRisk(0.01, 5.0)] * 60 + [StoredRisk(0.3, 50.0)] * 40
    assert proposed(rows, 0.02, IN_FORCE).thresholds.review == 0.01
    assert proposed(rows, 0.02, IN_FORCE, COSTS).thresholds.review == 0.3


@pytest.mark.parametrize("many", [0, 999])
def test_of_few_payments_nothing_is_proposed(many: int) -> None:
    assert "expected 1,000" in str(tried([StoredRisk(0.1, 1.0)] * many))
    with pytest.raises(InvalidInput, match=r"of which 1\.0 can be reviewed"):
        proposed([StoredRisk(0.1, 1.0)] * 10_000, 0.0001, IN_FORCE)


def test_labels_say_what_a_risk_means_by_now() -> None:
    rng = Random(3)
    risks = [round(rng.random() ** 3, 4) for _ in range(6_000)]
    twice = recalibrated([(risk, rng.random() < risk) for risk in risks])
    assert twice.slope == pytest.approx(1, abs=0.12)
    assert twice.intercept == pytest.approx(0, abs=0.2)
    rarer = recalibrated([(risk, rng.random() < risk / (risk + 4 * (1 - risk))) for risk in risks])
    assert rarer.risk(0.5) == pytest.approx(0.2, abs=0.06)
    apart = recalibrated([(0.0, False), (1.0, True)] * 100)
    assert apart.slope > 0
    assert apart.risk(1.0) > 0.99
