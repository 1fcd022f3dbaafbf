"""A payment of a type of one's own: what it has beside the built-in type's fields, and the version it was read by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field, SkipValidation

from fraudshield.text.json_text import json_text
from fraudshield.text.timestamp import timestamp
from fraudshield.transaction.transaction import SCHEME, Transaction, digest_of


@dataclass(frozen=True, slots=True)
class EventTypeVersion:
    """The version of an event type that a payment was read by."""

    name: str
    version: int
    digest: str


KEPT = "kept"  # holds what no field of a type names, so that it takes nobody's place; no field may be called so


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

    @property
    def said(self) -> Mapping[str, object]:
        """What was sent, whichever version read it: a value that was kept stands beside the fields.

        So a payment has the same content when a later version has a field for what an earlier one kept.
        """
        kept = self.fields.get(KEPT)
        if not isinstance(kept, Mapping):
            return self.fields
        fields = {name: value for name, value in self.fields.items() if name != KEPT}
        covered = {name: value for name, value in kept.items() if name in fields}
        return {**kept, **fields, **({KEPT: covered} if covered else {})}


class TypedTransaction(Transaction):
    """A transaction of an event type that extends the built-in one: that one's fields, and its own."""

    own: Annotated[SkipValidation[OwnContent], Field(exclude=True)]

    def content_hash(self) -> str:
        """As of any transaction; its type and its own fields are content too, and which version read them is not."""
        own = {"event_type": self.own.event_type.name, "fields": self.own.said}
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
