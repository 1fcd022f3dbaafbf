"""Event types for tests: documents, and the versions that are made of them."""

from collections.abc import Mapping
from typing import Any

from fraudshield.event_type.check import read_document
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.payment import BUILT_IN

# The integration of one minute: a payment of before, with a device and a currency.
WITH_DEVICE: Mapping[str, Any] = {
    "name": "web_payment",
    "extends": "payment",
    "fields": {
        "device_id": {"kind": "text", "entity": "device", "personal": True},
        "currency": {"kind": "category", "values": ["EUR", "USD", "JPY"]},
    },
}
# An acquirer's: a card and a merchant, nested as they come, and no balances.
CARD: Mapping[str, Any] = {
    "name": "card_payment",
    "fields": {
        "charge_id": {"kind": "text", "role": "id", "from": "/id"},
        "created": {"kind": "instant", "role": "time"},
        "amount_minor": {
            "kind": "money", "role": "amount", "required": True, "unit": "minor",
            "currency": "currency", "from": "/amount",
        },
        "currency": {"kind": "category", "required": True},
        "card": {"kind": "text", "role": "sender", "required": True, "personal": True, "from": "/card/fingerprint"},
        "merchant": {"kind": "text", "role": "receiver", "required": True},
        "device_id": {"kind": "text", "entity": "device"},
        "terminal": {"kind": "text", "entity": "terminal", "busy": True},
        "attempts": {"kind": "integer", "minimum": 0, "maximum": 99},
        "score": {"kind": "number", "minimum": -1, "maximum": 1},
        "is_recurring": {"kind": "boolean"},
        "first_seen": {"kind": "instant"},
    },
}  # fmt: skip

# A shop's that sells in many currencies and adds up in euros.
ORDER: Mapping[str, Any] = {
    "name": "order_payment",
    "reporting_currency": "EUR",
    "fields": {
        "order_id": {"kind": "text", "role": "id"},
        "created": {"kind": "instant", "role": "time", "zone": "Asia/Tokyo"},
        "total": {"kind": "money", "role": "amount", "required": True, "unit": "minor", "currency": "currency"},
        "currency": {"kind": "category", "required": True},
        "settled": {"kind": "money", "role": "reported_amount"},
        "fee": {"kind": "money", "currency": "currency"},
        "card": {"kind": "text", "role": "sender", "required": True},
    },
    "aggregates": {"spent_24h": {"sum": "amount", "over": "card", "within": "24h"}},
    "shown": ["currency"],
}


def version_of(document: Mapping[str, Any], version: int = 1, base: EventType | None = None) -> EventType:
    """A stored version of a document; `base` is what it extends, if that is not the built-in type."""
    read = read_document(dict(document))
    if read.extends and base is None:
        base = BUILT_IN
    lineage = (base.name, *base.lineage) if base else ()
    own = {name: getattr(read, name) for name in type(read).model_fields}
    return EventType(**own, version=version, inherited=base.all_fields if base else {}, lineage=lineage).sealed()
