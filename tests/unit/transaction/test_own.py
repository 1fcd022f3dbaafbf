"""Payments of a type that does not extend the built-in one: read, queued, stored and told apart by their roles."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fraudshield.errors import InvalidInput
from fraudshield.transaction.dynamo import transaction_of, undecided_item
from fraudshield.transaction.own import OwnTransaction
from fraudshield.transaction.parser import parser_of
from fraudshield.transaction.quality import quality_flags
from fraudshield.transaction.queued import QueuedTransaction, message, read_message
from tests.event_types import CARD, version_of
from tests.fakes import NOW

SENT: Mapping[str, Any] = {
    "id": "ch_1", "created": "2026-11-24T11:00:00+01:00", "amount": Decimal(1099), "currency": "EUR",
    "card": {"fingerprint": "fp_1"}, "merchant": "m_7", "device_id": "d-1", "attempts": Decimal(2),
}  # fmt: skip
BARE: Mapping[str, Any] = {"name": "bare", "fields": {"amount": {"kind": "money", "role": "amount", "required": True}}}


def read(sent: Mapping[str, Any], document: Mapping[str, Any] = CARD) -> OwnTransaction:
    found = parser_of(version_of(document)).read(sent, "/transactions/0")
    assert isinstance(found, OwnTransaction)
    return found


def test_what_every_type_has_is_found_by_its_roles() -> None:
    one = read(SENT)
    assert (one.transaction_id, one.sender, one.receiver) == ("ch_1", "fp_1", "m_7")
    assert one.occurred_at == datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert one.own.fields == {
        "charge_id": "ch_1", "created": "2026-11-24T10:00:00Z", "amount_minor": Decimal(1099), "currency": "EUR",
        "card": "fp_1", "merchant": "m_7", "device_id": "d-1", "attempts": Decimal(2),
    }  # fmt: skip


@pytest.mark.parametrize(("currency", "amount"), [("EUR", "10.99"), ("JPY", "1099"), ("KWD", "1.099"), ("XXX", None)])
def test_an_amount_is_in_major_units(currency: str, amount: str | None) -> None:
    one = read({**SENT, "currency": currency})
    assert one.amount == (amount and Decimal(amount))
    assert quality_flags(one, NOW) == (() if amount else ("no_amount",))


def test_a_type_without_roles_for_them_has_an_id_and_a_time() -> None:
    one = read({"transaction_id": "a", "occurred_at": "2026-11-24T10:00:00Z", "amount": Decimal(5)}, BARE)
    assert (one.transaction_id, one.amount, one.sender) == ("a", Decimal(5), None)
    assert one.occurred_at is not None
    unnamed = read({"amount": Decimal(5)}, BARE)
    assert unnamed.transaction_id.startswith("t-")
    assert unnamed.occurred_at is None


@pytest.mark.parametrize(
    ("more", "pointer"),
    [({"id": "x" * 129}, "/id"), ({"merchant": ""}, "/merchant"), ({"step": Decimal(1)}, "/step"), ({"id": 7}, "/id")],
)
def test_a_bad_field_is_refused_where_it_was_sent(more: Mapping[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read({**SENT, **more})
    assert [fault.pointer for fault in refused.value.faults] == [f"/transactions/0{pointer}"]


@pytest.mark.parametrize("document", [CARD, BARE])
def test_it_is_stored_and_queued_as_it_was_read(document: Mapping[str, Any]) -> None:
    one = read(SENT if document is CARD else {"amount": Decimal("5.25")}, document)
    assert transaction_of(undecided_item(one, NOW, NOW)) == one
    again = read_message(message(QueuedTransaction(one, NOW, "r")))
    assert again.transaction == one
    assert again.transaction.content_hash() == one.content_hash()


def test_accounts_are_keys_of_the_table_whatever_their_fields_are_called() -> None:
    item = undecided_item(read(SENT), NOW, NOW)
    assert (item["nameOrig"], item["nameDest"], item["amount"]) == ({"S": "fp_1"}, {"S": "m_7"}, {"N": "10.99"})
    assert not {"card", "merchant", "type"} & item.keys()


@pytest.mark.parametrize("more", [{"currency": "USD"}, {"id": "ch_2"}, {"created": "2026-11-24T10:00:01Z"}])
def test_another_field_is_another_content(more: Mapping[str, Any]) -> None:
    assert read({**SENT, **more}).content_hash() != read(SENT).content_hash()
    spelled = {**SENT, "amount": Decimal("1099.0"), "created": "2026-11-24T10:00:00Z"}
    assert read(spelled).has_content(read(SENT).content_hash())


def test_an_erased_receiver_leaves_each_field_that_named_it() -> None:
    hidden = read({**SENT, "device_id": "m_7"}).sent_to("C-erased")
    assert hidden.receiver == "C-erased"
    assert "m_7" not in hidden.own.fields.values()
    assert hidden.own.fields["card"] == "fp_1"


def test_checks_go_by_roles() -> None:
    later = NOW - timedelta(minutes=6)
    same = read({**SENT, "merchant": "fp_1", "amount": Decimal(0), "created": NOW.isoformat()})
    assert quality_flags(same, later) == ("clock_skew", "zero_amount", "self_transfer")
