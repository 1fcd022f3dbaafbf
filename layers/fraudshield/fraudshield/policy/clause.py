"""A clause of a condition: one test of one field or velocity."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from fraudshield.policy.clause_schema import choice
from fraudshield.policy.velocity import VELOCITY_NAMES, VelocityName
from fraudshield.text.fault import cross_fault
from fraudshield.text.number import exact
from fraudshield.transaction.field import MONEY
from fraudshield.transaction.pricing import as_rules_read
from fraudshield.transaction.transaction import Transaction

Velocity = Mapping[str, Decimal]  # by name; see velocity.py
AMOUNTS = frozenset(MONEY)
OwnField = Literal[
    "type", "nameOrig", "nameDest", "amount", "oldbalanceOrg", "newbalanceOrig", "oldbalanceDest", "newbalanceDest"
]
FieldName = Literal[OwnField, VelocityName]
NUMBERS = AMOUNTS | VELOCITY_NAMES
TEXTS = frozenset(get_args(OwnField)) - AMOUNTS


Bound = Annotated[
    Decimal,
    BeforeValidator(exact),
    Field(gt=-(10**15), lt=10**15),
    PlainSerializer(float, return_type=float, when_used="json"),  # `json_text` writes it exactly
    WithJsonSchema({"type": "number", "exclusiveMinimum": -(10**15), "exclusiveMaximum": 10**15}),
]
Text = Annotated[str, StringConstraints(strict=True, max_length=200)]


class Clause(BaseModel):
    """One test of one field: a number `at_least` or `at_most` (both inclusive), or a text that is `any_of` a list."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=choice(NUMBERS, TEXTS))

    field: FieldName
    at_least: Bound | None = None
    at_most: Bound | None = None
    any_of: Annotated[tuple[Text, ...], Field(min_length=1, max_length=1000)] | None = None

    @model_validator(mode="after")
    def _fits_the_field(self) -> Self:
        bounds = self.at_least is not None or self.at_most is not None
        if bounds == (self.any_of is not None):
            raise cross_fault(
                "clause_test", "at_least and at_most, or any_of, should be given, and not both", "at_least", "any_of"
            )
        if bounds != (self.field in NUMBERS):
            says = "field should be an amount, a balance or a velocity for at_least and at_most, a text for any_of"
            raise cross_fault("clause_field", says, "field", "any_of")
        return self

    def holds(self, transaction: Transaction, velocity: Velocity) -> bool:
        """Whether the transaction passes this test; a velocity that is not known passes none."""
        value = self.value(transaction, velocity)
        if self.any_of is not None:
            return value in self.any_of
        if not isinstance(value, Decimal):
            return False
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)

    def value(self, transaction: Transaction, velocity: Velocity) -> object:
        """What it tests; None where that is not there."""
        return velocity.get(self.field) if self.field in VELOCITY_NAMES else as_rules_read(transaction).get(self.field)
