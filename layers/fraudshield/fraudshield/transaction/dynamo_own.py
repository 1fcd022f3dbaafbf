"""A type's own fields in a stored transaction: in one map, so that no name of a sender's is an attribute of ours."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fraudshield.event_type.entity import SLOTS
from fraudshield.text.stored_number import stored_number
from fraudshield.transaction.dynamo_money import SENT, SHOWN, money_attributes, money_in, sent_attribute
from fraudshield.transaction.own import EventTypeVersion, OwnContent

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

EVENT_TYPE = "event_type"  # an item without it is of the built-in type
FACTS = "facts"
BUSY = "busy"
ENTITY_SLOTS = tuple(f"entity_{number}" for number in range(1, SLOTS + 1))  # keys of `by_entity_1` and so on


def own_attributes(own: OwnContent) -> "Item":
    """The attributes that say by which version a transaction was read, and its own fields."""
    event_type, busy = own.event_type, own.busy
    return {
        **placed_attributes(own),
        **(money_attributes(own.money) if own.money else {}),
        **({BUSY: {"L": [{"S": key} for key in busy]}} if busy else {}),
        EVENT_TYPE: {"S": event_type.name},
        "event_type_version": {"N": str(event_type.version)},
        "event_type_digest": {"S": event_type.digest},
        "fields": {"M": {name: attribute(value) for name, value in own.fields.items()}},
    }


def placed_attributes(own: OwnContent) -> "Item":
    """Its keys in indexes of entities, and what lists show of it."""
    shown: Item = {name: attribute(value) for name, value in own.shown.items()}
    if own.money is not None:
        shown[SENT] = {"M": sent_attribute(own.money)}
    return {**{slot: {"S": key} for slot, key in own.slots.items()}, **({SHOWN: {"M": shown}} if shown else {})}


def event_type_in(item: "Item") -> EventTypeVersion | None:
    """The version that a stored transaction was read by; None for the built-in type."""
    if EVENT_TYPE not in item:
        return None
    version = int(item["event_type_version"]["N"])
    return EventTypeVersion(item[EVENT_TYPE]["S"], version, item["event_type_digest"]["S"])


def own_content(item: "Item") -> OwnContent | None:
    """What `own_attributes` was given; None for the built-in type."""
    event_type = event_type_in(item)
    if event_type is None:
        return None
    slots = {slot: item[slot]["S"] for slot in ENTITY_SLOTS if slot in item}
    busy = tuple(one["S"] for one in item[BUSY]["L"]) if BUSY in item else ()
    return OwnContent(event_type, _values(item["fields"]), slots, shown_in(item), busy, money_in(item))


def shown_in(item: "Item") -> Mapping[str, object]:
    """The values that its type shows in lists, from an item or from an index's copy of it."""
    return {name: value for name, value in shown_and_sent_in(item).items() if name != SENT}


def shown_and_sent_in(item: "Item") -> Mapping[str, object]:
    """The same, and beside it what was sent for an amount: all that `shown` holds."""
    return _values(item[SHOWN]) if SHOWN in item else {}


def facts_in(item: "Item") -> Mapping[str, object]:
    """What was told of it afterwards: no part of its content."""
    return _values(item[FACTS]) if FACTS in item else {}


def _values(attribute: Any) -> dict[str, object]:
    return {name: _value(one) for name, one in attribute["M"].items()}


def attribute(value: object) -> Any:
    """A value as an attribute."""
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, Decimal):
        return {"N": stored_number(value)}
    if isinstance(value, Mapping):
        return {"M": {name: attribute(one) for name, one in value.items()}}
    if isinstance(value, list | tuple):
        return {"L": [attribute(one) for one in value]}
    return {"NULL": True} if value is None else {"S": value}


def _value(attribute: Any) -> object:
    [(kind, held)] = attribute.items()
    if kind == "N":
        return Decimal(held)
    if kind == "M":
        return {name: _value(one) for name, one in held.items()}
    if kind == "L":
        return [_value(one) for one in held]
    return None if kind == "NULL" else held
