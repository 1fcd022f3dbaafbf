"""A transaction as it waits in the queue: read back as it was sent, however often."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from fraudshield.errors import Malformed
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.queued import QueuedTransaction, message, read_message
from tests.conftest import README_TRANSACTION
from tests.fakes import NOW

Make = Callable[..., BuiltInTransaction]
GOOD: dict[str, Any] = {
    "transaction": README_TRANSACTION,
    "received_at": "2026-11-24T10:00:00+00:00",
    "request_id": "a-request",
}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"amount": Decimal("1E+14")},
        {"amount": Decimal("0.00000000000000000001")},
        {"amount": Decimal("99999999999999.99999999999999")},
        {"oldbalanceOrg": Decimal("-0.01")},
        {"transaction_id": '🙂"\\/é', "nameOrig": "🙂" * 64},
        {"occurred_at": "2026-11-24T09:00:00.123456+02:00"},
    ],
)
def test_a_message_is_read_back_exactly(transaction: Make, changes: dict[str, Any]) -> None:
    sent = QueuedTransaction(transaction(**changes), NOW, "a-request")
    read = read_message(message(sent))
    assert read == sent
    assert read.transaction.content_hash() == sent.transaction.content_hash()


def test_money_is_a_number_in_the_message(transaction: Make) -> None:
    told = json.loads(message(QueuedTransaction(transaction(amount=0.1), NOW, "")), parse_float=str, parse_int=str)
    assert told["transaction"]["amount"] == "0.1"


def test_a_message_holds_nothing_but_what_scoring_needs(transaction: Make) -> None:
    assert json.loads(message(QueuedTransaction(transaction(), NOW, "r"))).keys() == {
        "transaction",
        "received_at",
        "request_id",
    }


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no JSON",
        "[]",
        "{}",
        "\ud800",
        '{"transaction": NaN}',
        json.dumps(GOOD | {"source_ip": "192.0.2.1"}),
        *(json.dumps({name: value for name, value in GOOD.items() if name != gone}) for gone in GOOD),
        json.dumps(GOOD | {"received_at": "yesterday"}),
        json.dumps(GOOD | {"received_at": "2026-11-24T10:00:00"}),
        json.dumps(GOOD | {"received_at": 7}),
        json.dumps(GOOD | {"request_id": None}),
        json.dumps(GOOD | {"request_id": "r" * 129}),
        json.dumps(GOOD | {"transaction": []}),
        json.dumps(GOOD | {"transaction": README_TRANSACTION | {"amount": -1}}),
        json.dumps(GOOD | {"transaction": README_TRANSACTION | {"amount": "1"}}),
        json.dumps(GOOD | {"transaction": README_TRANSACTION | {"later": 1}}),
        json.dumps(GOOD | {"transaction": {k: v for k, v in README_TRANSACTION.items() if k != "transaction_id"}}),
    ],
)
def test_a_message_that_is_none_of_ours_is_malformed(body: str) -> None:
    with pytest.raises(Malformed):
        read_message(body)


def test_what_is_wrong_with_a_message_is_said_without_its_values() -> None:
    with pytest.raises(Malformed, match="/transaction/nameOrig string_type") as refused:
        read_message(json.dumps(GOOD | {"transaction": README_TRANSACTION | {"nameOrig": 4711}}))
    assert "4711" not in str(refused.value)
