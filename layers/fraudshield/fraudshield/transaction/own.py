"""A transaction of a type of one's own: its fields, the version it was read by, and what its roles name."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from fraudshield.event_type.entity import entity_key
from fraudshield.text.json_text import json_text
from fraudshield.text.timestamp import timestamp
from fraudshield.transaction.content_hash import SCHEME, digest_of
from fraudshield.transaction.money import Money


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
    values that its type shows in lists; `busy` are the keys of entities whose payments are counted by the hour, and
    `money` says what its amount is in the type's reporting currency. All four follow from the rest, and from rates, and
    are no part of the content.
    """

    event_type: EventTypeVersion
    fields: Mapping[str, object] = field(hash=False)
    slots: Mapping[str, str] = field(default_factory=dict, compare=False)
    shown: Mapping[str, object] = field(default_factory=dict, compare=False)
    busy: tuple[str, ...] = field(default=(), compare=False)
    money: Money | None = field(default=None, compare=False)

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

    def without(self, key: str, pseudonym: Callable[[str], str]) -> Self:
        """The same with a pseudonym for the value that this key names, wherever it stands."""
        own, entity = self, key.partition("#")[0]
        for value in dict.fromkeys(one for one in texts_in(self.fields) if entity_key(entity, one) == key):
            new = pseudonym(value)
            fields, shown = (_renamed(part, value, new) for part in (own.fields, own.shown))
            slots = {name: entity_key(entity, new) if one == key else one for name, one in own.slots.items()}
            own = replace(own, fields=fields, shown=shown, slots=slots)
        return own


@dataclass(frozen=True, slots=True)
class OwnTransaction:
    """A transaction of a type that does not extend the built-in one.

    All that was sent is in `own`, by the type's names, but for its id and its time. The others are what its roles
    name: `amount` in major units, an account as the text that names it; None where it has none.
    """

    transaction_id: str
    occurred_at: datetime | None
    amount: Decimal | None
    sender: str | None
    receiver: str | None
    own: OwnContent

    @property
    def values(self) -> Mapping[str, object]:
        """All its fields by name; `amount` is in major units whatever its field is called."""
        common = {"transaction_id": self.transaction_id, "occurred_at": self.occurred_at, "amount": self.amount}
        return {**self.own.fields, **common}

    def content_hash(self) -> str:
        """Over its type, its id, the time if one was sent, and its fields; which version read it is no part of it."""
        name, fields = self.own.event_type.name, self.own.said
        said = {"event_type": name, "transaction_id": self.transaction_id, "fields": fields}
        when = {} if self.occurred_at is None else {"occurred_at": timestamp(self.occurred_at)}
        return SCHEME + digest_of(json_text(said | when, sort_keys=True))

    def has_content(self, content_hash: str) -> bool:
        """Whether a payment with this hash is the same one: there was no such type when hashes named no scheme."""
        return content_hash == self.content_hash()

    def sent_to(self, receiver: str) -> Self:
        """The same with another receiver, in each field that named the one before."""
        fields, shown = (
            {name: receiver if value == self.receiver else value for name, value in part.items()}
            for part in (self.own.fields, self.own.shown)
        )
        return replace(self, receiver=receiver, own=replace(self.own, fields=fields, shown=shown))


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
