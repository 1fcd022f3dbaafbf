"""What narrows a list of transactions: the parameters that every list of them takes."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from fraudshield.errors import InvalidInput
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.port import EventTypes
from fraudshield.event_type.reserved import is_reserved
from fraudshield.label.label import Truth
from fraudshield.policy.policy import Outcome
from fraudshield.text.csv_cell import NUMBER
from fraudshield.text.fault import cross_fault
from fraudshield.text.number import exact
from fraudshield.text.pattern import CODE, ENTITY_VALUE, NO_CONTROLS
from fraudshield.text.query import Flag, Query, Whole, refused_parameter
from fraudshield.transaction.built_in import TransactionType
from fraudshield.transaction.field_value import field_value, written_value
from fraudshield.transaction.reader import EventTypeName
from fraudshield.transaction.source import Source
from fraudshield.transaction.transaction import Account

MOST_VERSION = 999_999_999  # of a policy
MOST_ENTITY = 64 + 1 + 3 * 4 * 512  # a name, a colon, and the longest value with every byte encoded


def _outcomes(value: object) -> object:
    return tuple(value.split(",")) if isinstance(value, str) else value


def _once(values: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    return tuple(dict.fromkeys(values))


def _number(value: object) -> object:
    if isinstance(value, str):
        if not NUMBER.fullmatch(value):
            raise PydanticCustomError("number", "Input should be a number")
        return exact(Decimal(value))
    return value


Outcomes = Annotated[
    tuple[Outcome, ...],
    BeforeValidator(_outcomes),
    AfterValidator(_once),
    PlainSerializer(",".join, return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^(approve|review|block)(,(approve|review|block))*$"}),
]
AtLeastNothing = Annotated[
    Decimal,
    BeforeValidator(_number),
    Field(ge=0, lt=10**15),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "number", "minimum": 0, "exclusiveMaximum": 10**15}),
]
Share = Annotated[
    Decimal,
    BeforeValidator(_number),
    Field(ge=0, le=1),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1}),
]
Code = Annotated[str, StringConstraints(pattern=CODE)]
Version = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NO_CONTROLS)]
EntityValue = Annotated[str, StringConstraints(max_length=MOST_ENTITY, pattern=ENTITY_VALUE), "NAME:VALUE"]


class TransactionFilter(Query):
    """What every list of transactions is narrowed by; beside it the fields that an event type shows, by their names.

    Without `event_type` it is of `payment` and what extends it, with `entity` of all types. `outcome` may name several.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    event_type: EventTypeName | None = None
    account: Account | None = None
    entity: EntityValue | None = None
    type: TransactionType | None = None
    outcome: Outcomes | None = None
    labelled: Flag | None = None
    label: Truth | None = None
    source: Source | None = None
    min_amount: AtLeastNothing | None = None
    max_amount: AtLeastNothing | None = None
    min_risk: Share | None = None
    max_risk: Share | None = None
    reason: Code | None = None
    rule: Code | None = None
    model_version: Version | None = None
    policy_version: Annotated[Whole, Field(ge=1, le=MOST_VERSION)] | None = None
    job_id: Annotated[str, StringConstraints(pattern="^job-[0-9a-f]{32}$")] | None = None

    @model_validator(mode="after")
    def _may_be_shown(self) -> Self:
        """What lists call something is no field of any type: here it is a parameter of another route."""
        for name in self.model_extra or {}:
            if is_reserved(name, None):
                raise cross_fault("extra_forbidden", "There is no such parameter here", name)
        return self

    @model_validator(mode="after")
    def _narrows(self) -> Self:
        for low, high in (("min_amount", "max_amount"), ("min_risk", "max_risk")):
            least, most = getattr(self, low), getattr(self, high)
            if least is not None and most is not None and least > most:
                raise cross_fault("bounds_order", f"{low} should not be above {high}", low, high)
        if self.account is not None and self.entity is not None:
            raise cross_fault("two_places", "Either account or entity should be given", "account", "entity")
        if self.label is not None and self.labelled is False:
            raise cross_fault("no_label", "With label=... labelled is true", "label", "labelled")
        return self

    @property
    def by_shown(self) -> Mapping[str, str]:
        """The parameters that only an event type can know: fields that it shows."""
        return {name: str(value) for name, value in (self.model_extra or {}).items()}

    def shown_values(self, types: EventTypes) -> Mapping[str, object]:
        """The values of shown fields, as they are stored, by which the list is narrowed.

        Raises:
            UnknownEventType, StoreUnavailable.
            Malformed: the type shows no such field, or the field cannot have this value.
        """
        event_type = None if self.event_type is None else types.named(self.event_type)
        return {name: self._shown_value(name, value, event_type) for name, value in self.by_shown.items()}

    def _shown_value(self, name: str, value: str, event_type: EventType | None) -> object:
        if event_type is None or name not in event_type.shown:
            shown = ", ".join((*type(self).model_fields, *(event_type.shown if event_type else ())))
            hint = "" if event_type else "; with event_type also the fields that it shows"
            raise refused_parameter(
                name, f"There is no such parameter here; there are: {shown}{hint}", "unknown_parameter"
            )
        field = event_type.all_fields[name]
        try:
            return field_value(name, field, written_value(field, value), f"?{name}")
        except InvalidInput as exc:
            raise refused_parameter(name, exc.faults[0].detail, exc.faults[0].code) from exc
