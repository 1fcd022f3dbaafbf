"""Two models on the same payments: thresholds at which both flag as many, and a gate that a worse one never passes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraudshield.backtest.answer import history_answer
from fraudshield.backtest.challenger.comparison import ChallengerCounter, ModelComparison
from fraudshield.backtest.challenger.gate import (
    FinishedComparison,
    GateAnswer,
    NotCompared,
    NotGoodEnough,
    StaleComparison,
    check_compared,
    gate,
)
from fraudshield.backtest.challenger.judged import ByThreshold, JudgedPayment
from fraudshield.backtest.challenger.matching import NEVER, matched
from fraudshield.backtest.challenger.merge import models_answer
from fraudshield.backtest.challenger.tally import ChallengerTally
from fraudshield.backtest.compared import Compared, StoredPayment
from fraudshield.backtest.tally import PartTally, merged_accounts, sums_in
from fraudshield.policy.outcome import Outcome
from tests.backtest.model_world import APPROVE, BLOCK, KEY, REVIEW, USUAL, answer_of, judged, passes, world
from tests.fakes import NOW, FakePredictor
from tests.unit.backtest.test_compared import comparison, policy, scored

FIXED = st.sampled_from([USUAL, USUAL, ByThreshold(REVIEW, REVIEW, BLOCK), ByThreshold(BLOCK, BLOCK, BLOCK)])
LABELS = ("fraud", "genuine_said", "genuine_by_age", "young", "blocked")
PAYMENT = st.builds(
    JudgedPayment,
    now=st.sampled_from(list(Outcome)),
    then=FIXED,
    steps=st.integers(0, 12),
    amount=st.integers(0, 500).map(Decimal),
    label=st.sampled_from(LABELS),
    not_kept=st.booleans(),
    entities=st.sampled_from(["a", "b", "c"]).map(lambda name: {"card": name}),
    weight=st.sampled_from([1, 1, 1, 50.0, 1 / 0.03]),
)


def at_thresholds(payments: Sequence[JudgedPayment], review: int, block: int) -> list[Outcome]:
    return [one.then[(one.steps >= review) + (one.steps >= block)] for one in payments]


@given(payments=st.lists(PAYMENT, min_size=1, max_size=40))
def test_the_thresholds_are_the_lowest_at_which_no_more_are_flagged_and_blocked(
    payments: list[JudgedPayment],
) -> None:
    histogram: dict[ByThreshold, Counter[int]] = {}
    for one in payments:
        histogram.setdefault(one.then, Counter())[one.steps] += 1
    flagged, blocked = (sum(one.now in outcomes for one in payments) for outcomes in ((REVIEW, BLOCK), (BLOCK,)))
    found = matched(histogram, flagged, blocked)
    assert found.review <= found.block
    outcomes = at_thresholds(payments, found.review, found.block)
    if found.review < NEVER:
        assert sum(one is not APPROVE for one in outcomes) <= flagged
    if found.block < NEVER:
        assert outcomes.count(BLOCK) <= blocked
    lower = max((one.steps for one in payments if one.then is USUAL and one.steps < found.review), default=None)
    if lower is not None:
        assert sum(one is not APPROVE for one in at_thresholds(payments, lower, NEVER)) > flagged


@given(payments=st.lists(PAYMENT, min_size=1, max_size=40), cut=st.integers(0, 40))
def test_the_answer_is_that_of_a_test_with_these_thresholds_however_the_history_is_cut(
    payments: list[JudgedPayment], cut: int
) -> None:
    tallies = [ChallengerTally(["card"], KEY), ChallengerTally(["card"], KEY)]
    for number, one in enumerate(payments):
        tallies[number >= cut].add(f"p{number}", one)
    found: Any = dict(models_answer([one.lines() for one in tallies], ["card"], 30.0, 1, 0.02))
    steps = [NEVER if one is None else round(one * 10_000) for one in found.pop("matched_thresholds").values()]
    whole = PartTally(["card"], KEY)
    for number, (one, then) in enumerate(zip(payments, at_thresholds(payments, *steps), strict=True)):
        said = (one.amount, one.label, (), (), one.not_kept, False, one.entities, one.weight)
        whole.add(f"p{number}", Compared(one.now, then, *said))
    _, *lines = whole.lines()
    expected = history_answer(whole.totals, merged_accounts(map(sums_in, lines), ["card"]), (), 30.0, 1)
    assert {name: found[name] for name in expected} == expected


def test_a_challenger_that_is_25_points_worse_does_not_pass_and_an_equal_one_mostly_does() -> None:
    rng = np.random.default_rng(17)
    assert not any(passes(rng, accounts, worse=True) for accounts in (8, 15, 40) for _ in range(4))
    assert sum(passes(rng, 160, worse=False) for _ in range(4)) >= 3


def test_both_have_as_many_reviews_whatever_the_scale_of_the_risks() -> None:
    payments = world(np.random.default_rng(5), 40, worse=False)
    tenth = [replace(one, steps=one.steps // 10) for one in payments]
    found = answer_of(tenth)
    now, then = found["outcomes"]["now"], found["outcomes"]["then"]
    assert 0.9 * now["review"] <= then["review"] <= now["review"]
    assert found["matched_thresholds"]["review"] == pytest.approx(0.05, abs=0.01)
    assert found["gate"] == {"passes": found["gate"]["passes"], "why_not": found["gate"]["why_not"], "margin": 0.02}


def test_what_the_challenger_was_trained_on_is_left_out_so_that_it_gains_nothing_by_it() -> None:
    """One that knows every label of its training and nothing else looks perfect on it, and is worth nothing later."""
    old, new = NOW - timedelta(days=2), NOW
    learnt = {f"t{at}": at % 2 == 0 for at in range(40)}
    knows = FakePredictor(risk_of=lambda one: 0.95 if learnt.get(one.transaction_id) else 0.01)
    knows.facts = replace(knows.facts, model_version="fake-2")
    champion = FakePredictor(risk_of=lambda one: 0.95 if one.amount > 500 else 0.01)

    def counted(trained_until: Any) -> Any:
        models = ModelComparison(comparison(policy()), champion, knows)
        counter = ChallengerCounter(models, ChallengerTally(["nameOrig"], KEY), trained_until)
        for at in range(80):
            is_fraud, time = at % 2 == 0, old if at < 40 else new
            amount = 600.0 if is_fraud and at % 3 else 100.0
            changes = {"transaction_id": f"t{at}", "amount": amount, "nameOrig": f"C{at}"}
            one = replace(scored(policy(), predictor=champion, **changes), occurred_at=time)
            counter.add(StoredPayment(one, "fraud" if is_fraud else "genuine", NOW), {})
        return models_answer([counter.lines()], ["nameOrig"], 2.0, 1, 0.02)

    everything, later = counted(old - timedelta(days=1)), counted(old)
    assert (everything["compared"], everything["trained_on"]) == (80, 0)
    assert (later["compared"], later["trained_on"]) == (40, 40)
    assert everything["paired"]["recall"]["difference"] > later["paired"]["recall"]["difference"]
    assert later["paired"]["value_recall"]["difference"] < -0.5
    assert not later["gate"]["passes"]


def test_the_gate_asks_for_a_comparison_with_the_model_in_force_that_is_not_old() -> None:
    good, bad = GateAnswer(passes=True), GateAnswer(passes=False, why_not="It may find 9.0% less of the money")
    week = timedelta(days=7)
    check_compared([FinishedComparison("c", NOW - week, good)], "c", NOW)
    for found, refused in (
        ([], NotCompared),
        ([FinishedComparison("other", NOW, good)], StaleComparison),
        ([FinishedComparison("c", NOW - week - timedelta(seconds=1), good)], StaleComparison),
        ([FinishedComparison("c", NOW, bad)], NotGoodEnough),
        ([FinishedComparison("c", NOW - week, good), FinishedComparison("c", NOW, bad)], NotGoodEnough),
    ):
        with pytest.raises(refused):
            check_compared(found, "c", NOW)


def test_the_interval_has_to_lie_above_the_margin() -> None:
    paired: Any = {"value_recall": {"enough": True, "difference": 0.01, "accounts": 40, "low": -0.019, "why_not": None}}
    assert gate(paired).passes
    paired["value_recall"]["low"] = -0.02
    assert not gate(paired).passes
    assert gate(paired, margin=0.03).passes
    alike = {"value_recall": {"enough": False, "difference": 0.0, "accounts": 150, "why_not": "Only 0 tell them apart"}}
    assert not gate(alike).passes
    alike["value_recall"]["accounts"] = 151  # of which at 95 % not 2 % can differ
    assert gate(alike).passes


def test_a_payment_is_judged_by_both_models_under_the_same_policy() -> None:
    champion, challenger = FakePredictor(0.7), FakePredictor(0.4321)
    challenger.facts = replace(challenger.facts, model_version="fake-2")
    one = ModelComparison(comparison(policy()), champion, challenger).judge(StoredPayment(scored(policy())), {})
    assert (one.now, one.then, one.steps) == (REVIEW, USUAL, 4321)
    assert judged(7000, 4321, "a", "fraud").then is USUAL
