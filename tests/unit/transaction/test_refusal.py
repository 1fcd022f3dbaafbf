"""What was refused is told by place and code: no value, no name."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from fraudshield.errors import Fault, TransactionConflict
from fraudshield.scoring.decision import Decision
from fraudshield.scoring.request import Rejected, read_transactions, refusals, rejected
from fraudshield.scoring.scoring import DecisionResult, Scorer
from fraudshield.text import strict_json
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.refusal import Refusal, tally
from fraudshield.transaction.transaction import Transaction
from tests.fakes import NOW, FakeAccounts, FakeParking, FakePolicies, FakePredictor, FakeStore

Sent = Callable[..., dict[str, Any]]


def read(*sent: Any) -> tuple[Transaction | Rejected, ...]:
    return read_transactions(strict_json.parse(json.dumps(sent).encode()), 1000)


def of(*sent: Any) -> list[Refusal]:
    return refusals(rejected(read(*sent), []), "api", NOW, "r")


def decided(item: object) -> Decision:
    scorer = Scorer(FakePredictor(), FakePolicies(), FakeStore(), FakeParking(), FakeAccounts())
    assert isinstance(item, BuiltInTransaction)
    return scorer.decide([item])[0].decision


def test_a_refusal_has_the_fields_at_fault_and_their_codes(sent: Sent) -> None:
    [refusal] = of(sent(amount=-1, type="REFUND"))
    assert refusal.fields == (("/type", "literal_error"), ("/amount", "greater_than_equal"))
    assert (refusal.reasons, refusal.transaction_id, refusal.name) == (
        ("out_of_range", "unknown_type"),
        "test_123",
        "r#0",
    )


@pytest.mark.parametrize("name", ["Jane Doe", "a/b", "~", "", "0"])
def test_a_field_of_the_senders_own_is_not_repeated(sent: Sent, name: str) -> None:
    [refusal] = of(sent(**{name: 1}))
    assert refusal.fields == (("", "extra_forbidden"),)


def test_what_is_no_object_has_no_field() -> None:
    [refusal] = of(7)
    assert (refusal.fields, refusal.transaction_id) == ((("", "model_type"),), None)


def test_each_has_a_name_of_its_own(sent: Sent) -> None:
    assert [one.name for one in of({}, 7, sent(amount=-1))] == ["r#0", "r#1", "r#2"]


def test_conflicts_of_a_scoring_call_are_among_them(sent: Sent) -> None:
    items = read(sent(transaction_id="a"), {}, sent(transaction_id="b"))
    responses: list[DecisionResult | TransactionConflict] = [
        DecisionResult(decided(items[0]), persisted=True),
        TransactionConflict("taken"),
    ]
    found = refusals(rejected(items, responses), "api", NOW, "r")
    assert [(one.name, one.transaction_id, one.reasons) for one in found] == [
        ("r#1", None, ("missing",)),
        ("r#2", "b", ("id_conflict",)),
    ]


def test_what_could_not_be_queued_is_not_the_datas_fault() -> None:
    unqueued = Rejected("a", (Fault("/transactions/0/transaction_id", "", "queue_unavailable"),))
    assert refusals({0: unqueued}, "queue", NOW, "r") == []


def test_a_tally_counts_each_reason_once_a_transaction(sent: Sent) -> None:
    assert tally(of({}, {}, sent(amount=-1, step=-1))) == {
        "refused": 3,
        "reason.missing": 2,
        "reason.out_of_range": 1,
    }
