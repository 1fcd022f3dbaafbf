"""Prediction plus policy: thresholds decide, conditions raise."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal

import pytest

from fraudshield.policy.policy import SEVERITY, Clause, Condition, Outcome, Policy, Thresholds
from fraudshield.predictor.prediction import Prediction, Reason
from fraudshield.scoring.decision import Decision, decide
from fraudshield.transaction.transaction import Transaction
from tests.fakes import NOW

Make = Callable[..., Transaction]
Raised = Literal[Outcome.REVIEW, Outcome.BLOCK]
ALWAYS = (Clause(field="amount", at_least=Decimal(0)),)
NEVER = (Clause(field="amount", at_most=Decimal(-1)),)


def policy(*conditions: Condition) -> Policy:
    return Policy(version=3, thresholds=Thresholds(review=0.2, block=0.7), conditions=conditions)


def condition(outcome: Raised, when: Any = ALWAYS, code: str = "odd") -> Condition:
    return Condition(code=code, outcome=outcome, when=when)


def decided(transaction: Transaction, risk: float, *conditions: Condition, **more: Any) -> Decision:
    known: dict[str, Any] = {"decided_at": NOW, "degraded": (), "quality": (), "velocity": {}} | more
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


def test_a_condition_does_not_touch_the_prediction(transaction: Make) -> None:
    held = decided(transaction(), 0.1, condition(Outcome.BLOCK))
    assert (held.outcome, held.prediction, held.risk) == (Outcome.BLOCK, 0, 0.1)


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
    ("risk", "confidence"), [(0.0, 1.0), (0.1, 0.9), (0.5, 0.5), (0.3333, 0.6667), (0.9999, 0.9999)]
)
def test_confidence_is_how_sure_the_answer_is_either_way(transaction: Make, risk: float, confidence: float) -> None:
    assert decided(transaction(), risk).confidence == confidence
