"""The checks that the other tests rest on see what they are there to see."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from fraudshield.scoring.decision import ScoredTransaction
from fraudshield.scoring.scoring import Scorer
from fraudshield.transaction.built_in import BuiltInTransaction
from tests.fakes import FakeAccounts, FakeParking, FakePolicies, FakePredictor, FakeStore
from tests.faults.harness.history import Call, changed, lost, wrong
from tests.faults.harness.load import local_risk, transactions
from tests.faults.harness.resident import growth, resident

RISK = 0.25


def call(sent_as: str, status: int = 200, **told: Any) -> Call:
    entry = {"transaction_id": sent_as, "risk": RISK, "persisted": True, "decided_at": "2026-01-01T00:00:00Z"}
    return Call({"transaction_id": sent_as}, status, json.dumps(entry | told) if status == 200 else "")


@pytest.fixture
def kept(transaction: Callable[..., BuiltInTransaction]) -> ScoredTransaction:
    [one] = Scorer(FakePredictor(), FakePolicies(), FakeStore(), FakeParking(), FakeAccounts()).decide([transaction()])
    return one


def acknowledged(kept: ScoredTransaction, **told: Any) -> Call:
    return call("a", decided_at=kept.decision.decided_at.isoformat(), **told)


def test_good_answers_raise_no_complaint(kept: ScoredTransaction) -> None:
    calls = [acknowledged(kept), acknowledged(kept), call("b", 503), call("c", 0)]
    assert (wrong(calls, lambda _: RISK), changed(calls), lost(calls, True, {"a": kept})) == ([], [], [])


@pytest.mark.parametrize(
    "bad",
    [
        call("a", transaction_id="b"),
        call("a", risk=0.26),
        call("a", 500),
        call("a", 429),
        replace(call("a"), entry=""),
        call("a", risk=None),
    ],
)
def test_a_wrong_answer_is_named(bad: Call) -> None:
    [complaint] = wrong([call("z"), bad], lambda _: RISK)
    assert complaint.startswith("a ")


def test_a_replay_that_differs_in_a_byte_is_named() -> None:
    [complaint] = changed([call("a"), replace(call("a"), entry=call("a").entry + " "), call("b")])
    assert complaint.startswith("a ")


def test_an_acknowledged_write_that_is_not_there_is_named() -> None:
    assert lost([call("a"), call("b", persisted=False)], True, {}) == ["a is not stored"]
    assert lost([call("a"), call("b", persisted=False)], False, {}) == ["b is not stored"]


def test_another_decision_in_its_place_is_named(kept: ScoredTransaction) -> None:
    assert lost([call("a")], True, {"a": kept}) == ["a is stored with another decision"]


def test_a_leak_shows_and_a_warm_up_does_not() -> None:
    assert growth([(at, 1000.0 + 10 * at) for at in range(60)]) == pytest.approx(10)
    assert growth([(at, 1000.0 + 10 * min(at, 20)) for at in range(60)]) == pytest.approx(0)
    assert resident("VmPeak:\t 9 kB\nVmRSS:\t  81234 kB\n") == 81234


def test_the_load_has_risks_of_every_kind() -> None:
    sent = transactions("load-0")
    risks = {local_risk(next(sent)) for _ in range(1000)}
    assert len(risks) > 20
    assert min(risks) < 0.01
    assert max(risks) > 0.5
