"""Aggregates of an event type, as its author writes them."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema, model_serializer
from pydantic_core.core_schema import SerializerFunctionWrapHandler

from fraudshield.event_type.field import FieldName, Flag
from fraudshield.text.number import exact
from fraudshield.text.pattern import DURATION

Measure = Literal["count", "sum", "mean", "distinct", "age", "since_last", "fraud_rate"]
UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
OF_A_FIELD = frozenset({"sum", "mean", "distinct"})
Expression = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=4096)]
Duration = Annotated[str, StringConstraints(strict=True, pattern=DURATION)]
Share = Annotated[
    Decimal,
    BeforeValidator(exact),
    Field(ge=0, le=1),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1}),
]


class Aggregate(BaseModel):
    """What earlier payments say of a field or an entity: `of` a `field`, or in short `count`, `sum` or `distinct`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    of: Measure | None = None
    count: Literal[True] | None = None
    sum: FieldName | None = None
    distinct: FieldName | None = None
    field: FieldName | None = None
    over: FieldName
    within: Duration | None = None
    where: Expression | None = None
    labels_later: Duration | None = None
    prior: Share | None = None
    keep: Flag = False

    @model_serializer(mode="wrap")
    def _written(self, write: SerializerFunctionWrapHandler) -> dict[str, object]:
        whole: dict[str, object] = write(self)
        return {name: value for name, value in whole.items() if value is not None and value is not False}

    @property
    def measures(self) -> tuple[str, ...]:
        """Every measure that it asks for: there should be one."""
        short = (("count", self.count), ("sum", self.sum), ("distinct", self.distinct))
        return (*([self.of] if self.of else []), *(name for name, asked in short if asked is not None))

    @property
    def measure(self) -> str:
        """What it asks for; the first of several, of which a document that was checked has none."""
        return self.measures[0]

    @property
    def measured(self) -> str | None:
        """The field that it is of, if any."""
        return self.field or self.sum or self.distinct


def length(duration: str) -> timedelta:
    """A duration, as `72h`, in time."""
    return int(duration[:-1]) * UNITS[duration[-1]]
