"""The body of an explaining call: a transaction or the id of a stored one, and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest

from fraudshield.errors import InvalidInput, Malformed, NotFound, StoreUnavailable
from fraudshield.scoring.explain import ExplainCommand, read_explain_request
from fraudshield.scoring.scoring import Scorer
from fraudshield.transaction.built_in import BuiltInTransaction
from tests.fake_event_types import BUILT_IN_ONLY
from tests.fakes import FakeAccounts, FakeParking, FakePolicies, FakePredictor, FakeStore

Make = Callable[..., BuiltInTransaction]


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def scorer(store: FakeStore) -> Scorer:
    return Scorer(FakePredictor(0.95), FakePolicies(), store, FakeParking(), FakeAccounts())


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        "t-1",
        {"transaction_id": "t-1", "transaction": {}},
        {"id": "t-1"},
        {"transaction_id": ""},
        {"transaction_id": "x" * 129},
        {"transaction_id": "a\x00b"},
        {"transaction_id": "\ud800"},
        {"transaction_id": 7},
        {"transaction_id": None},
    ],
)
def test_anything_but_one_of_the_two_is_refused(body: object) -> None:
    with pytest.raises(Malformed):
        read_explain_request(body, BUILT_IN_ONLY)


@pytest.mark.parametrize("sent", [None, [], {}, "t-1"])
def test_a_transaction_with_faults_is_refused_with_them(sent: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_explain_request({"transaction": sent}, BUILT_IN_ONLY)
    assert all(fault.pointer.startswith("/transaction") for fault in refused.value.faults)
    assert refused.value.faults


@pytest.mark.parametrize("name", ["t-1", "x" * 128, "with a space", "non\u00a0breaking", "🙂"])
def test_every_id_that_can_be_stored_can_be_asked_for(transaction: Make, name: str) -> None:
    assert transaction(transaction_id=name).transaction_id == name
    assert read_explain_request({"transaction_id": name}, BUILT_IN_ONLY) == ExplainCommand(name)


def test_a_transaction_that_is_sent_is_decided_and_not_kept(
    transaction: Make, scorer: Scorer, store: FakeStore
) -> None:
    found = ExplainCommand(transaction()).find(scorer)
    assert (found.transaction, found.decision.risk) == (transaction(), 0.95)
    assert store.kept == {}


def test_a_stored_decision_is_found_as_it_was_made(transaction: Make, scorer: Scorer, store: FakeStore) -> None:
    scorer.score([transaction()], 0.0)
    assert ExplainCommand("test_123").find(scorer) == store.kept["test_123"]


def test_an_id_that_is_not_stored_is_not_found(scorer: Scorer) -> None:
    with pytest.raises(NotFound):
        ExplainCommand("test_123").find(scorer)


def test_with_the_store_gone_a_stored_one_cannot_be_explained(scorer: Scorer, store: FakeStore) -> None:
    store.down = True
    with pytest.raises(StoreUnavailable):
        ExplainCommand("test_123").find(scorer)
