"""A field of an event type, as its author writes it."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    model_serializer,
)
from pydantic_core.core_schema import SerializerFunctionWrapHandler

from fraudshield.text.number import exact
from fraudshield.text.pattern import CODE, FIELD_NAME, NO_CONTROLS

Kind = Literal["text", "number", "money", "integer", "boolean", "instant", "category"]
Role = Literal["id", "time", "amount", "reported_amount", "sender", "receiver"]
TEXTS = frozenset({"text", "category"})
NUMBERS = frozenset({"number", "money", "integer"})
MOST_VALUES = 500
MOST_TEXT = 512  # characters of a text: the longest that browsers say of themselves
MOST_CATEGORY = 64

FieldName = Annotated[str, StringConstraints(strict=True, pattern=FIELD_NAME)]
EntityName = Annotated[str, StringConstraints(strict=True, pattern=CODE)]
Says = Annotated[str, StringConstraints(strict=True, max_length=500)]
Place = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=256, pattern=NO_CONTROLS)]
Value = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=MOST_CATEGORY, pattern=NO_CONTROLS)]
Flag = Annotated[bool, Field(strict=True)]
Limit = Annotated[
    Decimal,
    BeforeValidator(exact),
    Field(gt=-(10**15), lt=10**15),
    PlainSerializer(lambda number: number, return_type=Decimal),
    WithJsonSchema({"type": "number", "exclusiveMinimum": -(10**15), "exclusiveMaximum": 10**15}),
]


class EventField(BaseModel):
    """A field of a payment. What is left out is not written, so that a document reads as its author wrote it.

    `from` is where a payment has it, if not under its own name: a JSON Pointer into what is sent, or the name of a
    member, which is a column's name in a file. A field with `size_of` holds how many items the list there has, and
    nothing of what is in it. `currency` is a code, or the field that holds the code; the role `reported_amount` is of
    the amount in the type's reporting currency.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, serialize_by_alias=True)

    kind: Kind
    required: Flag = False
    role: Role | None = None
    entity: EntityName | Literal[True] | None = None
    busy: Flag = False
    personal: Flag = False
    values: Annotated[tuple[Value, ...], Field(min_length=1, max_length=MOST_VALUES)] | None = None
    minimum: Limit | None = None
    maximum: Limit | None = None
    place: Annotated[Place | None, Field(alias="from")] = None
    size_of: Place | None = None
    unit: Literal["minor", "major"] | None = None
    currency: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=63)] | None = None
    zone: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64)] | None = None
    later: Flag = False
    description: Says = ""

    @model_serializer(mode="wrap")
    def _written(self, write: SerializerFunctionWrapHandler) -> dict[str, object]:
        sparse: dict[str, object] = write(self)
        return {name: value for name, value in sparse.items() if not _is_left_out(value)}

    def sent_as(self, name: str) -> str:
        """Where a payment has the field that is called `name`: a JSON Pointer, or the name of a member."""
        return self.place or self.size_of or name

    def entity_of(self, name: str) -> str | None:
        """Which kind of thing the field, which is called `name`, names; sender and receiver are accounts."""
        if self.role in {"sender", "receiver"}:
            return "account"
        return name if self.entity is True else self.entity


def _is_left_out(value: object) -> bool:
    return value is None or value is False or value == ""
