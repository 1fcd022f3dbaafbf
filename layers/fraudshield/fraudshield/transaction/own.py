"""A payment of a type of one's own: what it has beside the built-in type's fields, and the version it was read by."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, SkipValidation

from fraudshield.event_type.entity import entity_key
from fraudshield.text.json_text import json_text
from fraudshield.text.timestamp import timestamp
from fraudshield.transaction.transaction import SCHEME, Transaction, digest_of


@dataclass(frozen=True, slots=True)
class EventTypeVersion:
    """The version of an event type that a payment was read by."""

    name: str
    version: int
    digest: str


@dataclass(frozen=True, slots=True)
class OwnContent:
    """The fields of a type's own, by name, as JSON has them: numbers are exact, instants are texts in UTC.

    `slots` are the keys by which entities find the transaction, such as `{"entity_1": "device#d-1"}`, and `shown` the
    values that its type shows in lists. Both follow from the rest, and are no part of the content.
    """

    event_type: EventTypeVersion
    fields: Mapping[str, object] = field(hash=False)
    slots: Mapping[str, str] = field(default_factory=dict, compare=False)
    shown: Mapping[str, object] = field(default_factory=dict, compare=False)


class TypedTransaction(Transaction):
    """A transaction of an event type that extends the built-in one: that one's fields, and its own."""

    own: Annotated[SkipValidation[OwnContent], Field(exclude=True)]

    def content_hash(self) -> str:
        """As of any transaction; its type and its own fields are content too, and which version read them is not."""
        own = {"event_type": self.own.event_type.name, "fields": self.own.fields}
        return SCHEME + digest_of(self.model_dump_json(exclude_none=True) + json_text(own, sort_keys=True))

    def has_content(self, content_hash: str) -> bool:
        """Whether a payment with this hash is the same one: there was no such type when hashes named no scheme."""
        return content_hash == self.content_hash()


def event_type_of(transaction: Transaction) -> EventTypeVersion | None:
    """The version that a transaction was read by; None for the built-in type."""
    return transaction.own.event_type if isinstance(transaction, TypedTransaction) else None


def own_fields(transaction: Transaction) -> Mapping[str, object]:
    """The fields of its type's own, and the version it was read by, as answers show them; none of the built-in one."""
    if not isinstance(transaction, TypedTransaction):
        return {}
    return {**transaction.own.fields, **shown_version(transaction.own.event_type)}


def keys_of(transaction: Transaction) -> Collection[str]:
    """The keys by which entities find it."""
    return transaction.own.slots.values() if isinstance(transaction, TypedTransaction) else ()


def without_values(transaction: Transaction, keys: Iterable[str], pseudonym: Callable[[str], str]) -> Transaction:
    """The transaction with pseudonyms for the values that these keys name, wherever they stand in what is its own."""
    if not isinstance(transaction, TypedTransaction):
        return transaction
    own = transaction.own
    for key in keys:
        entity = key.partition("#")[0]
        values = [one for one in texts_in(own.fields) if entity_key(entity, one) == key]
        for value in dict.fromkeys(values):
            new = pseudonym(value)
            fields, shown = (_renamed(part, value, new) for part in (own.fields, own.shown))
            slots = {name: entity_key(entity, new) if one == key else one for name, one in own.slots.items()}
            own = OwnContent(own.event_type, fields, slots, shown)
    return transaction if own is transaction.own else transaction.model_copy(update={"own": own})


def texts_in(value: object) -> Iterator[str]:
    """All texts in a value as JSON has it."""
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from texts_in(one)


def _renamed(value: Any, old: str, new: str) -> Any:
    if isinstance(value, Mapping):
        return {name: _renamed(one, old, new) for name, one in value.items()}
    if isinstance(value, list):
        return [_renamed(one, old, new) for one in value]
    return new if value == old else value


def shown_version(event_type: EventTypeVersion | None) -> Mapping[str, object]:
    """The version as answers name it; nothing for the built-in type."""
    if event_type is None:
        return {}
    return {
        "event_type": event_type.name,
        "event_type_version": event_type.version,
        "event_type_digest": event_type.digest,
    }


def as_content(value: object) -> object:
    """A value as it is stored, shown and hashed: a whole number is as exact as any, and an instant is a text in UTC."""
    if isinstance(value, datetime):
        return timestamp(value)
    if isinstance(value, Mapping):
        return {name: as_content(one) for name, one in value.items()}
    if isinstance(value, list):
        return [as_content(one) for one in value]
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value
