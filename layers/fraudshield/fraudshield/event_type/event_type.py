"""An event type: the versioned document that says what a payment looks like."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints, model_serializer
from pydantic.config import JsonDict
from pydantic_core.core_schema import SerializerFunctionWrapHandler

from fraudshield.event_type.aggregate import Aggregate, Duration, length
from fraudshield.event_type.currency import fixed_currency, in_currency
from fraudshield.event_type.feature import Feature
from fraudshield.event_type.field import EventField, FieldName
from fraudshield.text.json_text import json_text
from fraudshield.text.pattern import CODE
from fraudshield.text.timestamp import timestamp

MOST_FIELDS = 100
MOST_AGGREGATES = 50
MOST_SHOWN = 8
NAMED: JsonDict = {"additionalProperties": False}  # what has no name of the pattern is refused
Unknown = Literal["refuse", "keep", "drop"]
TypeName = Annotated[str, StringConstraints(strict=True, pattern=CODE)]
Fields = Mapping[str, EventField]


class LabelDelay(BaseModel):
    """When a payment that was let through and that nobody reported counts as genuine, and how late labels come."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    genuine_after: Duration | None = None
    later: Duration | None = None

    @model_serializer(mode="wrap")
    def _said(self, write: SerializerFunctionWrapHandler) -> dict[str, object]:
        whole: dict[str, object] = write(self)
        return {name: value for name, value in whole.items() if value is not None}


class EventTypeDocument(BaseModel):
    """What the author of an event type writes. A type that extends another has that one's fields too.

    `amount_currency` is what the inherited money that says no currency is in: a code, or the field that holds it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: TypeName
    extends: TypeName | None = None
    fields: Annotated[dict[FieldName, EventField], Field(max_length=MOST_FIELDS, json_schema_extra=NAMED)] = Field(
        default_factory=dict
    )
    aggregates: Annotated[dict[FieldName, Aggregate], Field(max_length=MOST_AGGREGATES, json_schema_extra=NAMED)] = (
        Field(default_factory=dict)
    )
    features: Annotated[dict[FieldName, Feature], Field(max_length=MOST_AGGREGATES, json_schema_extra=NAMED)] = Field(
        default_factory=dict
    )
    unknown: Unknown = "refuse"
    label: LabelDelay | None = None
    amount_currency: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=63)] | None = None
    reporting_currency: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=16)] | None = None
    shown: Annotated[tuple[FieldName, ...], Field(max_length=MOST_SHOWN)] = ()

    @model_serializer(mode="wrap")
    def _written(self, write: SerializerFunctionWrapHandler) -> dict[str, object]:
        whole: dict[str, object] = write(self)
        return {name: value for name, value in whole.items() if value not in (None, {}, (), "")}


class EventType(EventTypeDocument):
    """One version of an event type. `inherited` are the fields of what it extends as of then, `lineage` its ancestors.

    A stored version is never changed; every decision names the one that its payment was read by, with its digest.
    `slots` are those of its entities, which `in_force` has: they are no part of what is stored or digested.
    """

    version: Annotated[int, Field(ge=1)]
    inherited: dict[FieldName, EventField] = Field(default_factory=dict)
    lineage: tuple[TypeName, ...] = ()
    created_at: Annotated[datetime, PlainSerializer(timestamp, return_type=str)] | None = None
    created_by: str = ""
    actor: str = ""
    digest: str = ""
    slots: Annotated[dict[str, tuple[int, ...]], Field(exclude=True)] = Field(default_factory=dict)

    @property
    def all_fields(self) -> dict[str, EventField]:
        """Its fields and those that it inherits, the inherited ones first."""
        return in_currency(self.inherited, self.amount_currency) | self.fields

    @property
    def reporting(self) -> str | None:
        """The currency that sums, ranking and rules go by: the one it says, else that of every amount."""
        return self.reporting_currency or fixed_currency(self.all_fields)

    @property
    def genuine_after(self) -> timedelta | None:
        """How old a payment must be to count as genuine where nobody reported it; None where no age makes it so."""
        said = self.label.genuine_after if self.label else None
        return length(said) if said else None

    @property
    def labels_later(self) -> timedelta:
        """How long labels usually take."""
        said = self.label.later if self.label else None
        return length(said) if said else timedelta()

    @property
    def is_payment(self) -> bool:
        """Whether it is the built-in type or extends it: then payment's model scores it."""
        return "payment" in (self.name, *self.lineage)

    def sealed(self) -> "EventType":
        """The same with its digest: 64 hex digits over all that says how a payment is read, and not who made it."""
        content = self.model_dump(exclude={"created_at", "created_by", "actor", "digest"})
        digest = sha256(json_text(content, sort_keys=True).encode()).hexdigest()
        return self.model_copy(update={"digest": digest})

    @property
    def document(self) -> EventTypeDocument:
        """What its author wrote."""
        return EventTypeDocument.model_construct(
            **{name: getattr(self, name) for name in EventTypeDocument.model_fields}
        )

    def by_role(self) -> dict[str, str]:
        """The names of its fields by their roles."""
        return {field.role: name for name, field in self.all_fields.items() if field.role}
