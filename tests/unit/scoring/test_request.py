"""The body of a scoring call: its frame is taken or refused as a whole, each transaction for itself."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from fraudshield.errors import InvalidInput, Malformed
from fraudshield.scoring.request import Rejected, read_score_request
from fraudshield.scoring.scoring import DecisionResult, Scorer
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.parser import read_transaction
from tests.fake_event_types import BUILT_IN_ONLY
from tests.fakes import FakeAccounts, FakeParking, FakePolicies, FakePredictor, FakeStore

Sent = Callable[..., dict[str, Any]]
MOST = 3


def whole(sent: Sent, **changes: Any) -> dict[str, Any]:
    """A transaction with numbers as they are after parsing."""
    numbers = {name: int(value) if isinstance(value, float) else value for name, value in sent().items()}
    return numbers | changes


def refusal(body: object) -> Malformed:
    with pytest.raises(Malformed) as refused:
        read_score_request(body, MOST, BUILT_IN_ONLY)
    return refused.value


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (None, "found nothing"),
        ([], "found an empty list"),
        ("transactions", "found a text"),
        (1, "found a number"),
        (True, "found true or false"),
        ({}, "transactions should be a list of at least one, found nothing"),
        ({"transactions": None}, "found nothing"),
        ({"transactions": []}, "found an empty list"),
        ({"transactions": {}}, "found an object"),
        ({"transactions": "x"}, "found a text"),
        ({"transactions": [1], "currency": "EUR"}, "Unknown field 'currency'"),
        ({"transactions": [1], "x" * 100: 1}, f"Unknown field '{'x' * 60}'"),
        ({"transactions": [1], "store": "false"}, "store should be true or false, found a text"),
        ({"transactions": [1], "store": 0}, "store should be true or false, found a number"),
        ({"transactions": [1], "store": None}, "store should be true or false, found nothing"),
        ({"transactions": [1], "test_outcome": "block"}, "test_outcome needs store: false"),
        ({"transactions": [1], "test_outcome": "block", "store": True}, "test_outcome needs store: false"),
        (
            {"transactions": [1], "test_outcome": "deny", "store": False},
            "block or degraded, found 'deny'",
        ),
        ({"transactions": [1], "test_outcome": None, "store": False}, "or degraded, found nothing"),
        ({"transactions": [1], "test_outcome": ["block"], "store": False}, "or degraded, found a list"),
    ],
)
def test_a_frame_of_another_shape_is_refused_as_a_whole(body: object, says: str) -> None:
    refused = refusal(body)
    assert says in str(refused)
    assert refused.code == "malformed"


def test_as_many_as_allowed_are_taken_and_not_one_more(sent: Sent) -> None:
    assert len(read_score_request({"transactions": [whole(sent)] * MOST}, MOST, BUILT_IN_ONLY).items) == MOST
    assert refusal({"transactions": [whole(sent)] * (MOST + 1)}).code == "too_many_transactions"


def test_a_bad_transaction_fails_alone(sent: Sent) -> None:
    call = read_score_request(
        {"transactions": [whole(sent), whole(sent, amount=-1), whole(sent, step=2)]}, MOST, BUILT_IN_ONLY
    )
    good, bad, other = call.items
    assert isinstance(bad, Rejected)
    assert [fault.pointer for fault in bad.faults] == ["/transactions/1/amount"]
    assert call.transactions == [good, other]


@pytest.mark.parametrize("item", [None, 1, True, "x", [], [[]], {}])
def test_what_is_no_transaction_is_rejected(item: object) -> None:
    [rejected] = read_score_request({"transactions": [item]}, MOST, BUILT_IN_ONLY).items
    assert isinstance(rejected, Rejected)
    assert rejected.transaction_id is None
    assert rejected.faults


@pytest.mark.parametrize(
    ("name", "readable"),
    [("t-1", "t-1"), ("x" * 128, "x" * 128), ("x" * 129, None), ("a\x00b", None), ("\ud800", None), (7, None)],
)
def test_a_rejected_transaction_keeps_its_id_where_that_is_readable(name: object, readable: str | None) -> None:
    [rejected] = read_score_request({"transactions": [{"transaction_id": name}]}, MOST, BUILT_IN_ONLY).items
    assert isinstance(rejected, Rejected)
    assert rejected.transaction_id == readable


@pytest.mark.parametrize(("said", "store"), [({}, True), ({"store": True}, True), ({"store": False}, False)])
def test_decisions_are_kept_unless_told_otherwise(sent: Sent, said: dict[str, bool], store: bool) -> None:
    assert read_score_request({"transactions": [whole(sent)]} | said, MOST, BUILT_IN_ONLY).store is store


@pytest.mark.parametrize("store", [True, False])
def test_only_a_call_that_is_to_be_kept_reaches_the_store(sent: Sent, store: bool) -> None:
    kept = FakeStore()
    scorer = Scorer(FakePredictor(), FakePolicies(), kept, FakeParking(), FakeAccounts())
    [result] = read_score_request({"transactions": [whole(sent)], "store": store}, MOST, BUILT_IN_ONLY).results(
        scorer, time.monotonic()
    )
    assert isinstance(result, DecisionResult)
    assert (result.persisted, result.parked) == (store, False)
    assert set(kept.kept) == ({"test_123"} if store else set())


def test_one_transaction_is_read_or_its_faults_are_told(sent: Sent) -> None:
    assert isinstance(read_transaction(whole(sent), "/transaction"), BuiltInTransaction)
    with pytest.raises(InvalidInput) as refused:
        read_transaction(whole(sent, step=-1), "/transaction")
    assert [fault.pointer for fault in refused.value.faults] == ["/transaction/step"]
    assert refused.value.code == "invalid_transaction"
