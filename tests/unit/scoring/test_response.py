"""What clients read: fields and types as the contract has them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, get_type_hints

import pytest

from fraudshield.api import health as api_health
from fraudshield.dependency import Needs
from fraudshield.errors import Fault, TransactionConflict
from fraudshield.policy.policy import Outcome
from fraudshield.predictor import response as predictor_response
from fraudshield.predictor.prediction import Contribution, Explanation, Reason
from fraudshield.predictor.predictor import RulePredictor
from fraudshield.predictor.response import ModelInfo
from fraudshield.scoring import explain
from fraudshield.scoring import response as scoring_response
from fraudshield.scoring.decision import Decision, ScoredTransaction
from fraudshield.scoring.request import Rejected
from fraudshield.scoring.response import entry
from fraudshield.scoring.scoring import DecisionResult
from fraudshield.text.timestamp import timestamp
from fraudshield.transaction.built_in import BuiltInTransaction
from tests.fakes import NOW, FakePredictor
from tests.model.feature import FEATURE_NAMES, features

Make = Callable[..., BuiltInTransaction]


def decision(**changes: Any) -> Decision:
    made: dict[str, Any] = {
        "transaction_id": "test_123",
        "risk": 0.25,
        "prediction": 1,
        "outcome": Outcome.REVIEW,
        "model_version": "m-1",
        "policy_version": 2,
        "source": "model",
        "decided_at": NOW,
        "reasons": (Reason("amount", "The amount is large", "amount", 1000.0, 1.5),),
    }
    return Decision(**made | changes)


def test_an_entry_carries_the_whole_decision() -> None:
    assert entry(decision(), persisted=True) == {
        "transaction_id": "test_123",
        "risk": 0.25,
        "prediction": 1,
        "confidence": 0.25,
        "decision": "review",
        "reasons": [
            {
                "code": "amount",
                "text": "The amount is large",
                "feature": "amount",
                "value": 1000.0,
                "contribution": 1.5,
            }
        ],
        "model_version": "m-1",
        "policy_version": 2,
        "decision_source": "model",
        "degraded": [],
        "quality": [],
        "decided_at": "2026-11-24T10:00:00Z",
        "persisted": True,
        "decided_by": "thresholds",
    }


def test_reasons_that_are_still_to_come_are_announced() -> None:
    assert entry(decision(reasons=(), reasons_pending=True), persisted=True)["reasons_pending"] is True
    assert "reasons_pending" not in entry(decision(), persisted=True)


def test_an_entry_is_plain_json() -> None:
    answered = entry(decision(degraded=("policy_unread",), quality=("clock_skew",)), persisted=False)
    assert json.loads(json.dumps(answered)) == answered


def test_failed_and_answered_entries_have_the_same_fields() -> None:
    failed, answered = scoring_response.entries(
        [Rejected("bad", (Fault("/transactions/0/amount", "too small", "greater_than_equal"),)), made("test_123")],
        [DecisionResult(decision(), persisted=True)],
    )
    assert failed.keys() - answered.keys() == {"error", "errors"}
    assert answered.keys() <= failed.keys()


def made(name: str) -> BuiltInTransaction:
    known: dict[str, Any] = {"transaction_id": name}
    return BuiltInTransaction.model_construct(**known)


def test_every_entry_stands_where_its_transaction_stood() -> None:
    conflict = TransactionConflict("taken")
    entries = list(
        scoring_response.entries(
            [made("a"), Rejected(None, ()), made("b"), made("c")],
            [
                DecisionResult(decision(transaction_id="a"), True),
                conflict,
                DecisionResult(decision(transaction_id="c"), False),
            ],
        )
    )
    assert [one["transaction_id"] for one in entries] == ["a", None, "b", "c"]
    assert ["error" in one for one in entries] == [False, True, True, False]


def test_a_conflict_points_at_the_id() -> None:
    _, conflicting = scoring_response.entries(
        [made("a"), made("b")], [DecisionResult(decision(), True), TransactionConflict("taken")]
    )
    assert (conflicting["risk"], conflicting["prediction"], conflicting["persisted"]) == (None, None, False)
    assert conflicting["errors"] == [
        {"pointer": "/transactions/1/transaction_id", "detail": "taken", "code": "transaction_conflict"}
    ]


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2026, 11, 24, 10, tzinfo=UTC), "2026-11-24T10:00:00Z"),
        (datetime(2026, 11, 24, 10, 0, 0, 1, tzinfo=UTC), "2026-11-24T10:00:00.000001Z"),
    ],
)
def test_a_time_ends_in_z(at: datetime, text: str) -> None:
    assert timestamp(at) == text


def explained(transaction: BuiltInTransaction, decided: Decision, why: Explanation) -> explain.ExplainResponse:
    scored = ScoredTransaction(transaction, NOW, NOW, features(transaction), decided)
    return explain.explain_response(scored, why, "m-2", "r-1")


CONDITION = Reason("large_transfer", "The policy's condition large_transfer holds")


def test_an_explanation_names_every_feature_with_its_share(transaction: Make) -> None:
    named = zip(FEATURE_NAMES, features(transaction()), strict=True)
    shares = tuple(Contribution(name, value, float(at)) for at, (name, value) in enumerate(named))
    why = Explanation(
        reasons=(Reason("amount", "Large", "amount", 1000.0, 1.0),), base=-3.0, margin=25.0, contributions=shares
    )
    told = explained(transaction(), decision(reasons=(CONDITION, Reason("old", "Old", "amount", 1.0, 1.0))), why)
    assert [share["feature"] for share in told["contributions"]] == list(FEATURE_NAMES)
    assert [share["value"] for share in told["contributions"]] == list(features(transaction()))
    assert (told["base"], told["margin"]) == (-3.0, 25.0)
    assert (told["model_version"], told["explained_by"]) == ("m-1", "m-2")
    assert [reason["code"] for reason in told["reasons"]] == ["large_transfer", "amount"]


def test_without_a_model_an_explanation_has_the_conditions_and_the_rules(transaction: Make) -> None:
    rules = (Reason("large_amount", "200,000 or more leaves at once"),)
    told = explained(transaction(), decision(reasons=(CONDITION, *rules)), Explanation(reasons=rules))
    assert [reason["code"] for reason in told["reasons"]] == ["large_transfer", "large_amount"]
    assert (told["base"], told["margin"], told["contributions"]) == (None, None, [])


@pytest.mark.parametrize(
    ("predictor", "status", "missing"),
    [(FakePredictor(), "healthy", []), (RulePredictor(NOW), "degraded", ["model_refused"])],
)
def test_health_says_what_is_missing(predictor: Any, status: str, missing: list[str]) -> None:
    told = api_health.health("model", lambda: Needs(vital=[]), NOW, predictor)
    assert (told["status"], told["degraded"], told["timestamp"]) == (status, missing, "2026-11-24T10:00:00Z")


def test_the_models_facts_are_told_in_full() -> None:
    told = predictor_response.model_info(FakePredictor().facts)
    assert told.keys() == get_type_hints(ModelInfo).keys()
    assert told["n_features"] == len(told["feature_columns"])
