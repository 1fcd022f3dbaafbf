"""Answers that are asked for by name: each has the shape of a real one, and none is kept or counted."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from fraudshield.predictor.predictor import RULES_VERSION
from fraudshield.scoring.request import ASKED, read_score_request
from fraudshield.scoring.response import Entry, entries
from fraudshield.scoring.scoring import Scorer
from tests.fake_event_types import BUILT_IN_ONLY
from tests.fakes import FakeAccounts, FakeParking, FakePolicies, FakePredictor, FakeStore

Sent = Callable[..., dict[str, Any]]


def asked(sent: dict[str, Any], outcome: str, risk: float, kept: FakeStore) -> Entry:
    """The entry of one transaction whose answer is asked for."""
    whole = {name: int(value) if isinstance(value, float) else value for name, value in sent.items()}
    body = {"transactions": [whole], "store": False, "test_outcome": outcome}
    command = read_score_request(body, 1, BUILT_IN_ONLY)
    scorer = Scorer(FakePredictor(risk), FakePolicies(), kept, FakeParking(), FakeAccounts())
    [found] = entries(command.items, command.results(scorer, time.monotonic()))
    return found


@pytest.mark.parametrize("risk", [0.0, 0.6, 0.95])
@pytest.mark.parametrize("outcome", ["approve", "review", "block"])
def test_the_outcome_is_the_one_that_was_asked_for_whatever_the_risk(sent: Sent, outcome: str, risk: float) -> None:
    found = asked(sent(), outcome, risk, FakeStore())
    assert (found["decision"], found["test"], found["persisted"], found["risk"]) == (outcome, True, False, risk)
    assert found["prediction"] == (outcome != "approve")
    assert [reason["code"] for reason in found["reasons"]][:1] == ([] if outcome == "approve" else ["test_outcome"])


def test_a_degraded_answer_is_what_the_rules_decide_without_a_model(sent: Sent) -> None:
    found = asked(sent(type="TRANSFER", amount=5000, oldbalanceOrg=5000), "degraded", 0.0, FakeStore())
    assert (found["degraded"], found["decision_source"]) == (["model_refused"], "rules")
    assert (found["model_version"], found["decision"]) == (RULES_VERSION, "block")
    assert found["test"]


@pytest.mark.parametrize("outcome", ASKED)
def test_what_was_asked_for_is_not_kept(sent: Sent, outcome: str) -> None:
    kept = FakeStore()
    asked(sent(), outcome, 0.0, kept)
    assert kept.kept == {}


def test_the_confidence_of_an_answer_that_was_asked_for_is_that_of_a_rule(sent: Sent) -> None:
    assert asked(sent(), "block", 0.0, FakeStore())["confidence"] == 0.9  # the policy's threshold of it
