"""A version of an event type: what it inherits, its digest, and the entities that take a slot."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fraudshield.errors import NoSlot
from fraudshield.event_type.active import ActiveEventTypes
from fraudshield.event_type.check import read_document
from fraudshield.event_type.currency import in_major
from fraudshield.event_type.entity import MOST_KEY_BYTES, entity_key, slots_by_field, slotted, with_slots
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.event_type.response import event_type_response
from fraudshield.text import strict_json
from fraudshield.text.json_text import json_text
from tests.authors import ADA
from tests.event_types import CARD, WITH_DEVICE, version_of
from tests.fake_event_types import FakeEventTypeStore
from tests.fakes import NOW


def test_a_type_has_the_fields_of_what_it_extends_first() -> None:
    assert [*version_of(WITH_DEVICE).all_fields] == [*BUILT_IN.fields, "device_id", "currency"]
    assert version_of(WITH_DEVICE).is_payment
    assert not version_of(CARD).is_payment


@pytest.mark.parametrize("one", [BUILT_IN, version_of(CARD), version_of(WITH_DEVICE)])
def test_a_version_is_read_as_it_was_written(one: EventType) -> None:
    again = EventType.model_validate(strict_json.parse(json_text(one.model_dump()).encode()))
    assert again == one
    assert again.digest == one.digest


def test_a_document_reads_as_its_author_wrote_it() -> None:
    document = deepcopy(dict(CARD))
    written = strict_json.parse(json_text(read_document(document).model_dump()).encode())
    assert written == {**document, "unknown": "refuse"}


def test_the_digest_is_of_what_says_how_a_payment_is_read() -> None:
    one = version_of(CARD)
    assert len(one.digest) == 64
    assert one.model_copy(update={"created_at": datetime.now(UTC), "created_by": "key"}).sealed().digest == one.digest
    others: list[Any] = [version_of(CARD, 2), version_of({**CARD, "unknown": "keep"}), version_of(WITH_DEVICE)]
    assert len({one.digest, *(other.digest for other in others)}) == 4


def test_a_type_says_when_its_labels_are_settled() -> None:
    said = version_of({**CARD, "label": {"genuine_after": "90d", "later": "36h"}})
    assert (said.genuine_after, said.labels_later) == (timedelta(days=90), timedelta(hours=36))
    shown: Mapping[str, object] = event_type_response(said)
    assert shown["label"] == {"genuine_after": "90d", "later": "36h"}
    assert (BUILT_IN.genuine_after, BUILT_IN.labels_later) == (None, timedelta())
    assert event_type_response(BUILT_IN)["label"] is None
    assert version_of({**CARD, "label": {"later": "36h"}}).model_dump()["label"] == {"later": "36h"}


def test_what_extends_a_type_has_its_label_unless_it_says_its_own() -> None:
    types = ActiveEventTypes(FakeEventTypeStore(version_of({**CARD, "label": {"genuine_after": "90d"}})))
    wider = {"name": "wider", "extends": "card_payment"}
    assert types.put(read_document(wider), ADA, NOW).genuine_after == timedelta(days=90)
    assert types.put(read_document(wider), ADA, NOW).version == 1
    own = types.put(read_document({**wider, "label": {"later": "7d"}}), ADA, NOW)
    assert (own.version, own.genuine_after) == (2, None)


def test_busy_entities_and_accounts_take_no_slot() -> None:
    assert [*slotted(version_of(CARD).all_fields)] == [("device_id", "device")]
    assert [*slotted(BUILT_IN.fields)] == []


def entities(*names: str) -> Any:
    fields = {f"{name}_id": {"kind": "text", "entity": name} for name in names}
    return {"name": "more", "extends": "payment", "fields": fields}


def test_a_fifth_entity_has_no_slot() -> None:
    others = [version_of(CARD).all_fields, version_of(WITH_DEVICE).all_fields]
    four = version_of(entities("device", "email", "address", "phone")).all_fields
    assert with_slots({}, [*others, four]) == {"address": (3,), "device": (1,), "email": (2,), "phone": (4,)}
    with pytest.raises(NoSlot, match="payer would take a fifth slot") as refused:
        with_slots({}, [*others, version_of(entities("email", "address", "phone", "payer")).all_fields])
    assert [fault.pointer for fault in refused.value.faults] == ["/fields/payer_id/entity"]


def test_a_slot_is_never_another_entitys() -> None:
    slots = with_slots({"gone": (1,), "device": (3,)}, [version_of(entities("email", "device")).all_fields])
    assert slots == {"device": (3,), "email": (2,), "gone": (1,)}


def test_two_fields_of_one_entity_have_a_slot_each() -> None:
    fields = version_of(
        {
            "name": "shop_payment",
            "extends": "payment",
            "fields": {name: {"kind": "text", "entity": "address"} for name in ("billing", "shipping")},
        }
    ).all_fields
    slots = with_slots({}, [version_of(WITH_DEVICE).all_fields, fields])
    assert slots == {"address": (2, 3), "device": (1,)}
    assert slots_by_field(slots, fields) == {"billing": 2, "shipping": 3}
    assert slots_by_field({"address": (2,)}, fields) == {"billing": 2}


def test_a_key_is_never_longer_than_the_store_takes() -> None:
    assert entity_key("device", "d-1") == "device#d-1"
    keys = [entity_key("device", "\N{GRINNING FACE}" * length) for length in (256, 511, 512)]
    assert max(len(key.encode()) for key in keys) <= MOST_KEY_BYTES + len("device#")
    assert len({*keys}) == len(keys)


@pytest.mark.parametrize(
    ("minor", "currency", "major"),
    [("1099", "EUR", "10.99"), ("1099", "JPY", "1099"), ("1099", "KWD", "1.099"), ("1099", "CLF", "0.1099")],
)
def test_minor_units_are_of_their_currency(minor: str, currency: str, major: str) -> None:
    assert in_major(Decimal(minor), currency) == Decimal(major)
