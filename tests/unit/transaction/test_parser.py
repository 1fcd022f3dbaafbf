"""Payments of a type of one's own: read strictly, laid flat, and what they say is kept as it was said."""

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraudshield.erasure.dynamo_pseudonym import hidden
from fraudshield.errors import InvalidInput, Malformed, UnknownEventType
from fraudshield.event_type.active import ActiveEventTypes
from fraudshield.event_type.check import checked, read_document
from fraudshield.event_type.compatibility import keeps_stored
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.text import strict_json
from fraudshield.text.json_text import json_text
from fraudshield.transaction.dynamo import transaction_of, undecided_item
from fraudshield.transaction.extended import ExtendedTransaction
from fraudshield.transaction.own import KEPT
from fraudshield.transaction.parser import parser_of, read_transaction
from fraudshield.transaction.quality import quality_flags
from fraudshield.transaction.queued import QueuedTransaction, message, read_message
from fraudshield.transaction.reader import reader_of
from tests.authors import ADA
from tests.event_types import CARD, WITH_DEVICE, version_of
from tests.fake_event_types import FakeEventTypeStore
from tests.fakes import NOW

PAYMENT = {
    "transaction_id": "one", "step": 1, "type": "PAYMENT", "amount": 1000, "nameOrig": "C1", "oldbalanceOrg": 5000,
    "newbalanceOrig": 4000, "nameDest": "M1", "oldbalanceDest": 0, "newbalanceDest": 0,
}  # fmt: skip
EVERY_KIND: Any = {
    "name": "every_kind",
    "extends": "payment",
    "fields": {
        "device": {"kind": "text", "from": "/client/device/id"},
        "note": {"kind": "text", "from": "Note of the payer"},
        "channel": {"kind": "category", "values": ["web", "app"]},
        "country": {"kind": "category"},
        "score": {"kind": "number", "minimum": -1, "maximum": 1},
        "fee": {"kind": "money", "currency": "EUR"},
        "attempts": {"kind": "integer", "minimum": 0, "maximum": 9},
        "is_new": {"kind": "boolean"},
        "signed_up": {"kind": "instant"},
        "card_token": {"kind": "text"},
        "copy": {"kind": "text"},
        "model_config": {"kind": "text"},
    },
}
SENT: Any = {
    **PAYMENT,
    "client": {"device": {"id": "d-1"}},
    "Note of the payer": "rent",
    "channel": "web",
    "country": "IT",
    "score": Decimal("0.25"),
    "fee": Decimal("1.50"),
    "attempts": Decimal("2.0"),
    "is_new": False,
    "signed_up": "2026-11-24T11:00:00+01:00",
    "card_token": "tok_1",
    "copy": "one",
    "model_config": "two",
}
OWN = {
    "device": "d-1", "note": "rent", "channel": "web", "country": "IT", "score": Decimal("0.25"),
    "fee": Decimal("1.5"), "attempts": Decimal(2), "is_new": False, "signed_up": "2026-11-24T10:00:00Z",
    "card_token": "tok_1", "copy": "one", "model_config": "two",
}  # fmt: skip


def read(sent: Any, document: Any = EVERY_KIND) -> ExtendedTransaction:
    found = parser_of(version_of(document)).read(sent, "/transactions/0")
    assert isinstance(found, ExtendedTransaction)
    return found


def faults(sent: Any, document: Any = EVERY_KIND) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as refused:
        read(sent, document)
    return [(fault.pointer, fault.code) for fault in refused.value.faults]


def test_every_kind_is_read() -> None:
    one = read(SENT)
    assert dict(one.own.fields) == OWN
    assert one.own.event_type.name == "every_kind"
    assert one.model_dump() == read_transaction(PAYMENT, "").model_dump()


def test_nothing_of_its_own_is_needed() -> None:
    assert dict(read(PAYMENT).own.fields) == {}


def test_what_was_sent_is_not_changed() -> None:
    sent = deepcopy(SENT)
    read(sent)
    assert sent == SENT


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"colour": "red"}, "/colour", "extra_forbidden"),
        ({"client": {"device": {"id": 7}}}, "/client/device/id", "string_type"),
        ({"client": {"device": {"id": "d", "os": "x"}}}, "/client", "extra_forbidden"),
        ({"client": "d"}, "/client", "extra_forbidden"),
        ({"channel": "post"}, "/channel", "literal_error"),
        ({"country": ""}, "/country", "string_too_short"),
        ({"country": "x" * 65}, "/country", "string_too_long"),
        ({"copy": "x" * 513}, "/copy", "string_too_long"),
        ({"copy": "a\nb"}, "/copy", "string_pattern_mismatch"),
        ({"score": 2}, "/score", "less_than_equal"),
        ({"score": "0.5"}, "/score", "money_type"),
        ({"score": True}, "/score", "money_type"),
        ({"attempts": Decimal("1.5")}, "/attempts", "int_type"),
        ({"attempts": 10}, "/attempts", "less_than_equal"),
        ({"is_new": 1}, "/is_new", "bool_type"),
        ({"signed_up": "2026-11-24"}, "/signed_up", "rfc3339"),
        ({"card_token": "4111 1111 1111 1111"}, "/card_token", "card_number"),
        ({"card_token": 4111111111111111}, "/card_token", "card_number"),
        ({"amount": -1}, "/amount", "greater_than_equal"),
        ({"step": None}, "/step", "int_type"),
    ],
)
def test_what_is_wrong_is_named_where_it_was_sent(change: Any, pointer: str, code: str) -> None:
    assert (f"/transactions/0{pointer}", code) in faults({**SENT, **change})


def test_faults_of_the_built_in_fields_are_those_of_the_built_in_type() -> None:
    broken = {**PAYMENT, "step": "1", "type": "GIFT", "nameOrig": ""}
    with pytest.raises(InvalidInput) as plain:
        read_transaction(broken, "/transactions/0")
    with pytest.raises(InvalidInput) as own:
        read(broken)
    assert own.value.faults == plain.value.faults


@pytest.mark.parametrize("name", ["card_token", "copy", "cardholder", "colour"])
def test_no_fault_repeats_a_card_number(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read({**SENT, name: 4111111111111111})
    assert "4111" not in " ".join(fault.detail for fault in refused.value.faults)


def test_what_no_field_names_is_kept_or_dropped_as_the_type_says() -> None:
    sent = {**PAYMENT, "colour": "red", "size": {"width": 2, "height": None}}
    assert dict(read(sent, EVERY_KIND | {"unknown": "drop"}).own.fields) == {}
    kept = read(sent, EVERY_KIND | {"unknown": "keep"}).own.fields
    assert dict(kept) == {KEPT: {"colour": "red", "size": {"width": Decimal(2)}}}


ANSWERED = ("risk", "decision", "source", "event_type", "event_type_digest", "received_at", "label", "kept", "quality")


@pytest.mark.parametrize("name", ANSWERED)
def test_what_is_kept_takes_the_place_of_nothing_that_an_answer_has(name: str) -> None:
    plain, kept = (read({**PAYMENT, **more}, EVERY_KIND | {"unknown": "keep"}) for more in ({}, {name: "theirs"}))
    assert kept.own.fields[KEPT] == {name: "theirs"}
    assert {**kept.values, KEPT: None} == {**plain.values, KEPT: None}


def test_a_field_may_not_be_called_as_what_was_kept_is() -> None:
    with pytest.raises(InvalidInput) as refused:
        checked(read_document({**EVERY_KIND, "fields": {KEPT: {"kind": "text"}}}), BUILT_IN)
    assert refused.value.code == "reserved_name"


@pytest.mark.parametrize(
    ("sent", "flags"), [({"colour": "red"}, ["kept_fields"]), ({"colour": None}, []), ({"channel": "web"}, [])]
)
def test_what_was_kept_is_counted_in_quality(sent: Any, flags: list[str]) -> None:
    one = read({**PAYMENT, **sent}, EVERY_KIND | {"unknown": "keep"})
    assert [flag for flag in quality_flags(one, NOW) if flag == "kept_fields"] == flags


def test_a_payment_has_the_same_content_once_a_version_names_what_one_before_kept() -> None:
    keeping = EVERY_KIND | {"unknown": "keep"}
    naming = {**keeping, "fields": {**EVERY_KIND["fields"], "colour": {"kind": "text"}}}
    sent = {**PAYMENT, "colour": "red", "shape": "round"}
    before, after = read(sent, keeping), read(sent, naming)
    assert (before.own.fields[KEPT], after.own.fields[KEPT]) == (
        {"colour": "red", "shape": "round"},
        {"shape": "round"},
    )
    assert after.has_content(before.content_hash())


def test_what_was_kept_under_the_name_of_a_field_that_is_read_elsewhere_is_content_too() -> None:
    keeping = EVERY_KIND | {"unknown": "keep"}
    both = {**PAYMENT, "client": {"device": {"id": "d-1"}}}
    hashes = {read({**both, **more}, keeping).content_hash() for more in ({}, {"device": "x"}, {"device": "y"})}
    assert len(hashes) == 3


LISTS: Any = {
    "name": "basket_payment",
    "extends": "payment",
    "fields": {
        "items": {"kind": "integer", "size_of": "/basket/items", "required": True, "maximum": 3},
        "coupons": {"kind": "integer", "size_of": "coupons"},
    },
}


def test_of_a_list_only_its_size_is_kept() -> None:
    basket = {"items": [{"name": "Anna's present"}, {"price": 7}]}
    one = read({**PAYMENT, "basket": basket, "coupons": []}, LISTS)
    assert dict(one.own.fields) == {"items": Decimal(2), "coupons": Decimal(0)}
    assert "Anna" not in str(undecided_item(one, NOW, NOW))
    assert read({**PAYMENT, "basket": {"items": 2}, "coupons": 0}, LISTS) == one  # as a file has it


@pytest.mark.parametrize(
    ("sent", "pointer", "code"),
    [
        ({"basket": {"items": "2"}}, "/basket/items", "list_type"),
        ({"basket": {"items": -1}}, "/basket/items", "greater_than_equal"),
        ({"basket": {"items": True}}, "/basket/items", "list_type"),
        ({"basket": {"items": {"a": 1}}}, "/basket/items", "list_type"),
        ({"basket": {"items": [1, 2, 3, 4]}}, "/basket/items", "less_than_equal"),
        ({"basket": {"items": []}, "coupons": "x"}, "/coupons", "list_type"),
        ({}, "/basket/items", "missing"),
    ],
)
def test_what_is_no_list_or_too_long_a_one_is_refused(sent: Any, pointer: str, code: str) -> None:
    assert faults({**PAYMENT, **sent}, LISTS) == [(f"/transactions/0{pointer}", code)]


def deep(levels: int) -> Any:
    return [deep(levels - 1)] if levels else 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"card": {"number": "4111111111111111"}}, "card_number"),
        ({"note2": "x" * 5000}, "kept_too_large"),
        ({"x" * 65: 1}, "kept_too_large"),
        ({"big": 10**200}, "money_digits"),
        ({"deep": deep(17)}, "kept_too_large"),
    ],
)
def test_what_cannot_be_kept_is_refused(change: Any, code: str) -> None:
    [(pointer, found)] = faults({**PAYMENT, **change}, EVERY_KIND | {"unknown": "keep"})
    assert (pointer, found) == (f"/transactions/0/{next(iter(change))[:60]}", code)


values = st.one_of(
    st.text("abc é\U0001f600", min_size=1, max_size=9), st.booleans(), st.integers(-999, 999).map(Decimal)
)
own = st.fixed_dictionaries(
    {},
    optional={
        "client": st.fixed_dictionaries({"device": st.fixed_dictionaries({"id": st.text("xyz", min_size=1)})}),
        "channel": st.sampled_from(["web", "app"]),
        "score": st.decimals(-1, 1, places=4),
        "fee": st.decimals(-999, 999, places=2),
        "attempts": st.integers(0, 9),
        "is_new": st.booleans(),
        "signed_up": st.datetimes(NOW.replace(tzinfo=None)).map(lambda at: at.isoformat(timespec="seconds") + "Z"),
        "colour": st.recursive(
            values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("kl"), inner)
        ),
    },
)


@given(sent=own)
def test_it_is_stored_and_queued_as_it_was_read(sent: Any) -> None:
    one = read({**PAYMENT, **sent}, EVERY_KIND | {"unknown": "keep"})
    again = transaction_of(undecided_item(one, NOW, NOW))
    queued = read_message(message(QueuedTransaction(one, NOW, "request"))).transaction
    assert again == queued == one
    assert again.content_hash() == queued.content_hash() == one.content_hash()
    shown = strict_json.parse(json_text(dict(one.own.fields)).encode())
    assert read({**PAYMENT, **sent}, EVERY_KIND | {"unknown": "keep"}).content_hash() == one.content_hash()
    assert isinstance(shown, dict)


@given(sent=own.map(lambda one: {name: value for name, value in one.items() if name != "colour"}))
def test_what_one_version_takes_the_next_takes_as_it_was(sent: Any) -> None:
    wider = deepcopy(EVERY_KIND)
    wider["fields"]["channel"]["values"].append("post")
    wider["fields"]["score"]["maximum"] = 2
    wider["fields"]["city"] = {"kind": "text"}
    keeps_stored(version_of(EVERY_KIND), read_document(wider))
    before, after = read({**PAYMENT, **sent}), parser_of(version_of(wider, 2)).read({**PAYMENT, **sent}, "")
    assert after.content_hash() == before.content_hash()
    assert after.has_content(before.content_hash())


def test_content_is_another_where_type_or_field_is() -> None:
    plain = read_transaction(PAYMENT, "")
    hashes = {
        plain.content_hash(),
        read(PAYMENT).content_hash(),
        read(PAYMENT, WITH_DEVICE).content_hash(),
        read({**PAYMENT, "device_id": "d"}, WITH_DEVICE).content_hash(),
        read({**PAYMENT, "device_id": "e"}, WITH_DEVICE).content_hash(),
    }
    assert len(hashes) == 5
    assert not read(PAYMENT).has_content(plain.content_hash())


def test_no_own_field_is_an_attribute_of_the_item() -> None:
    item = undecided_item(read(SENT), NOW, NOW)
    plain = undecided_item(read_transaction(PAYMENT, ""), NOW, NOW)
    assert item.keys() - plain.keys() == {"event_type", "event_type_version", "event_type_digest", "fields"}
    stored = item["fields"]["M"]
    assert {name: stored[name] for name in ("is_new", "fee", "device")} == {
        "is_new": {"BOOL": False}, "fee": {"N": "1.5"}, "device": {"S": "d-1"},
    }  # fmt: skip


def test_it_keeps_its_fields_where_its_recipient_is_erased() -> None:
    one = read(SENT)
    gone = hidden(undecided_item(one, NOW, NOW), "C-erased")
    again = transaction_of(gone)
    assert isinstance(again, ExtendedTransaction)
    assert (again.nameDest, dict(again.own.fields)) == ("C-erased", OWN)
    assert again.has_content(gone["content_hash"]["S"])
    assert gone["content_hash"]["S"] != one.content_hash()


def test_a_version_put_elsewhere_is_read_by_before_a_field_is_refused() -> None:
    store = FakeEventTypeStore(version_of(WITH_DEVICE))
    types = ActiveEventTypes(store)
    read_by = reader_of("web_payment", types)
    read_by(PAYMENT, "")
    wider = deepcopy(dict(WITH_DEVICE))
    wider["fields"]["colour"] = {"kind": "text"}
    ActiveEventTypes(store).put(read_document(wider), ADA, NOW)
    first, second = (read_by({**PAYMENT, "colour": "red"}, "") for _ in range(2))
    assert isinstance(first, ExtendedTransaction)
    assert (first.own.event_type.version, second) == (2, first)
    with pytest.raises(InvalidInput):
        read_by({**PAYMENT, "size": 1}, "")


def test_a_type_is_named_by_a_text_that_there_is() -> None:
    types = ActiveEventTypes(FakeEventTypeStore(version_of(CARD)))
    assert reader_of("payment", types) is read_transaction
    with pytest.raises(Malformed, match="found a number"):
        reader_of(7, types)
    with pytest.raises(UnknownEventType):
        reader_of("nothing", types)
