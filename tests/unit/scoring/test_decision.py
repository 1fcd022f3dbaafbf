"""Prediction plus policy: thresholds decide, conditions raise."""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraudshield.policy.clause import Clause
from fraudshield.policy.policy import SEVERITY, Outcome, Policy, Thresholds
from fraudshield.policy.rule import Rule
from fraudshield.predictor.prediction import Prediction, Reason
from fraudshield.scoring.decision import FIRST_FORM, Decision, ScoredTransaction, decide, expected_loss
from fraudshield.text import strict_json
from fraudshield.transaction.built_in import BuiltInTransaction
from tests.conftest import README_TRANSACTION
from tests.fakes import NOW

Make = Callable[..., BuiltInTransaction]
Raised = Literal[Outcome.REVIEW, Outcome.BLOCK]
ALWAYS = (Clause(field="amount", at_least=Decimal(0)),)
NEVER = (Clause(field="amount", at_most=Decimal(-1)),)


def policy(*conditions: Rule) -> Policy:
    return Policy(version=3, thresholds=Thresholds(review=0.2, block=0.7), rules=conditions)


def condition(outcome: Raised, when: Any = ALWAYS, code: str = "odd") -> Rule:
    return Rule(code=code, outcome=outcome, when=when)


def made() -> BuiltInTransaction:
    return BuiltInTransaction.model_validate(strict_json.parse(json.dumps(README_TRANSACTION).encode()))


def decided(transaction: BuiltInTransaction, risk: float, *conditions: Rule, **more: Any) -> Decision:
    known: dict[str, Any] = {
        "occurred_at": NOW, "decided_at": NOW, "degraded": (), "quality": (), "velocity": {}, "aggregates": {},
    } | more  # fmt: skip
    return decide(transaction, Prediction(risk, "m-1", "model"), policy(*conditions), **known)


@pytest.mark.parametrize(
    ("risk", "outcome", "prediction"),
    [
        (0.0, Outcome.APPROVE, 0),
        (0.1999, Outcome.APPROVE, 0),
        (0.2, Outcome.REVIEW, 1),
        (0.6999, Outcome.REVIEW, 1),
        (0.7, Outcome.BLOCK, 1),
        (1.0, Outcome.BLOCK, 1),
    ],
)
def test_a_threshold_is_reached_at_its_own_value(
    transaction: Make, risk: float, outcome: Outcome, prediction: int
) -> None:
    found = decided(transaction(), risk)
    assert (found.outcome, found.prediction) == (outcome, prediction)


@pytest.mark.parametrize("risk", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("raised", [Outcome.REVIEW, Outcome.BLOCK])
def test_a_condition_raises_and_never_lowers(transaction: Make, risk: float, raised: Raised) -> None:
    plain, held = decided(transaction(), risk), decided(transaction(), risk, condition(raised))
    assert SEVERITY[held.outcome] == max(SEVERITY[plain.outcome], SEVERITY[raised])


@pytest.mark.parametrize(("raised", "threshold"), [(Outcome.REVIEW, 0.2), (Outcome.BLOCK, 0.7)])
def test_a_condition_makes_the_prediction_fraud_as_sure_as_its_outcomes_threshold(
    transaction: Make, raised: Raised, threshold: float
) -> None:
    held = decided(transaction(), 0.1, condition(raised))
    assert (held.outcome, held.prediction, held.risk, held.confidence) == (raised, 1, 0.1, threshold)


def test_a_condition_that_is_milder_than_the_risk_makes_nothing_less_sure(transaction: Make) -> None:
    assert decided(transaction(), 0.9, condition(Outcome.REVIEW)).confidence == 0.9
    assert decided(transaction(), 0.3, condition(Outcome.BLOCK)).confidence == 0.7


def test_every_condition_that_holds_is_a_reason(transaction: Make) -> None:
    found = decided(
        transaction(),
        0.1,
        condition(Outcome.BLOCK, code="first"),
        condition(Outcome.BLOCK, NEVER, code="second"),
        condition(Outcome.REVIEW, code="third"),
    )
    assert found.outcome is Outcome.BLOCK
    assert found.reasons == (
        Reason("first", "The policy's condition first holds"),
        Reason("third", "The policy's condition third holds"),
    )


def test_a_decision_says_what_it_was_made_from(transaction: Make) -> None:
    found = decided(transaction(), 0.5, degraded=("policy_unread",), quality=("clock_skew",))
    assert (found.transaction_id, found.model_version, found.policy_version) == ("test_123", "m-1", 3)
    assert (found.source, found.decided_at) == ("model", NOW)
    assert (found.degraded, found.quality) == (("policy_unread",), ("clock_skew",))


@pytest.mark.parametrize(
    ("risk", "confidence"),
    [(0.0, 1.0), (0.1, 0.9), (0.1999, 0.8001), (0.2, 0.2), (0.3333, 0.3333), (0.5, 0.5), (0.9999, 0.9999)],
)
def test_confidence_is_the_probability_that_the_prediction_is_right(
    transaction: Make, risk: float, confidence: float
) -> None:
    assert decided(transaction(), risk).confidence == confidence


risks = st.integers(min_value=0, max_value=10_000).map(lambda steps: steps / 10_000)
THRESHOLDS = st.tuples(risks, risks).map(sorted).filter(lambda pair: pair[0] > 0)
given_outcomes = st.lists(st.sampled_from([Outcome.REVIEW, Outcome.BLOCK]), max_size=3)
sources = st.sampled_from([None, *Outcome])


@given(risk=risks, pair=THRESHOLDS, conditions=given_outcomes, rules=sources)
def test_prediction_confidence_and_decision_never_contradict_each_other(
    risk: float, pair: list[float], conditions: list[Raised], rules: Outcome | None
) -> None:
    review, block = pair
    asked = Policy(
        version=1,
        thresholds=Thresholds(review=review, block=block),
        rules=tuple(condition(outcome) for outcome in conditions),
    )
    prediction = Prediction(risk, "m-1", "rules" if rules else "model", rules)
    found = decide(made(), prediction, asked, NOW, NOW, (), (), {}, {})
    assert found.prediction == (found.outcome is not Outcome.APPROVE)
    given_by_rules = {Outcome.REVIEW: review, Outcome.BLOCK: block}
    least = max([given_by_rules[one] for one in [*conditions, rules] if one in given_by_rules], default=0.0)
    assert found.confidence == (max(risk, least) if found.prediction else round(1 - risk, 4))


def test_decisions_of_the_first_form_keep_their_confidence(transaction: Make) -> None:
    first = replace(decided(transaction(), 0.3), form=FIRST_FORM)
    assert (first.confidence, replace(first, risk=0.9, prediction=0).confidence) == (0.7, 0.9)


def test_a_rules_hit_ranks_by_the_threshold_that_it_stands_for(transaction: Make) -> None:
    sent = transaction(amount=1000)

    def loss(risk: float, *conditions: Rule) -> Decimal:
        return expected_loss(ScoredTransaction(sent, NOW, NOW, (), decided(sent, risk, *conditions)))

    assert loss(0.0, condition(Outcome.BLOCK)) == Decimal("700.00")
    assert loss(0.0, condition(Outcome.REVIEW)) == loss(0.2) == Decimal("200.00")
    assert loss(0.8, condition(Outcome.BLOCK)) == loss(0.8) == Decimal("800.00")


@pytest.mark.parametrize("thresholds", [(0.01, 0.02), (0.2, 0.7), (0.95, 1.0)])
@pytest.mark.parametrize("outcome", list(Outcome))
def test_no_threshold_reads_the_risk_of_a_rule_that_stands_in_for_the_model(
    transaction: Make, thresholds: tuple[float, float], outcome: Outcome
) -> None:
    asked = Policy(version=1, thresholds=Thresholds(review=thresholds[0], block=thresholds[1]))
    found = decide(transaction(), Prediction(0.6, "rules-1", "rules", outcome), asked, NOW, NOW, (), (), {}, {})
    assert (found.outcome, found.risk) == (outcome, 0.6)
