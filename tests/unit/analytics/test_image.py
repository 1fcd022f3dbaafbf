"""Reading a record of the table's stream: what is one of our transactions, and what is not."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from fraudshield.analytics.counted_transaction import (
    CountedDecision,
    CountedLabel,
    CountedTransaction,
    TransactionChange,
)
from fraudshield.analytics.dynamo_image import change_of, counted_transaction
from fraudshield.dynamo.stream import UNREADABLE
from fraudshield.scoring.dynamo_item import to_item
from fraudshield.scoring.scoring import Scorer
from fraudshield.transaction.built_in import BuiltInTransaction
from tests.fakes import NOW, FakeAccounts, FakeParking, FakePolicies, FakePredictor, FakeStore

Item = dict[str, Any]

LABEL: Item = {"label": {"S": "fraud"}, "labelled_at": {"S": "2026-11-26T10:00:00.000000Z"}}


@pytest.fixture
def image(transaction: Callable[..., BuiltInTransaction]) -> Item:
    scorer = Scorer(FakePredictor(0.5), FakePolicies(), FakeStore(), FakeParking(), FakeAccounts(), clock=lambda: NOW)
    [scored] = scorer.decide([transaction()])
    return dict(to_item(scored, "api"))


def record(kind: str, **images: Item) -> Any:
    return {"eventName": kind, "dynamodb": images}


def test_an_image_is_read_as_the_transaction_that_it_is_of(image: Item) -> None:
    one = counted_transaction(image | LABEL | {"quality": {"L": [{"S": "clock_skew"}]}})
    assert one == CountedTransaction(
        transaction_id=image["transaction_id"]["S"],
        source="api",
        occurred_at="2026-11-24T10:00:00.000000Z",
        type="PAYMENT",
        amount=Decimal(1000),
        destination=image["nameDest"]["S"],
        decision=CountedDecision(
            outcome="review",
            risk=Decimal("0.5"),
            prediction=Decimal(1),
            model_version="fake-1",
            features=tuple(float(value["N"]) for value in image["features"]["L"]),
            quality=("clock_skew",),
            decided_at="2026-11-24T10:00:00.000000Z",
        ),
        label=CountedLabel("fraud", timedelta(days=2)),
        came_on="2026-11-24",
        sender=image["nameOrig"]["S"],
    )
    assert (one.day, one.hour) == ("2026-11-24", "2026-11-24T10")


def test_a_transaction_that_waits_for_its_decision_has_none(image: Item) -> None:
    one = counted_transaction({name: value for name, value in image.items() if name != "outcome"})
    assert one is not None
    assert (one.decision, one.label) == (None, None)


def test_a_change_has_the_transaction_before_and_after(image: Item) -> None:
    one, labelled = counted_transaction(image), counted_transaction(image | LABEL)
    assert change_of(record("INSERT", NewImage=image)) == TransactionChange(None, one, inserted=True)
    assert change_of(record("MODIFY", OldImage=image, NewImage=image | LABEL)) == TransactionChange(one, labelled)


def test_removals_and_other_records_are_no_change_of_a_transaction(image: Item) -> None:
    other = {"record": {"S": "prediction#1"}}
    assert change_of(record("REMOVE", OldImage=image)) == TransactionChange()
    assert change_of(record("INSERT", NewImage=other)).after is None


@pytest.mark.parametrize("spoiled", [None, {}, {"N": "x"}, {"N": "NaN"}, {"L": [{}]}, "text"])
@pytest.mark.parametrize("name", ["record", "source", "occurred_at", "amount", "type", "nameDest", "risk", "features"])
def test_an_image_that_is_none_of_ours_is_refused(image: Item, name: str, spoiled: Any) -> None:
    with pytest.raises(UNREADABLE):
        counted_transaction(image | {name: spoiled})


@pytest.mark.parametrize("label", ["", "perhaps", "FRAUD"])
def test_a_label_that_is_none_is_refused(image: Item, label: str) -> None:
    with pytest.raises(UNREADABLE):
        counted_transaction(image | LABEL | {"label": {"S": label}})


@pytest.mark.parametrize("name", ["amount", "prediction", "model_version", "labelled_at", "transaction_id"])
def test_an_image_that_lacks_what_is_counted_is_refused(image: Item, name: str) -> None:
    with pytest.raises(KeyError, match=name):
        counted_transaction({key: value for key, value in (image | LABEL).items() if key != name})
