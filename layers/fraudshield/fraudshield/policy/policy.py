"""The policy, as versioned data: which risk is reviewed or blocked, and which facts alone raise an outcome."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
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
from fraudshield.text.fault import cross_fault, read_object
from fraudshield.text.json_text import narrowed
from fraudshield.text.number import LEAST, WHOLE, exact
from fraudshield.text.pattern import CODE
from fraudshield.text.schema import one_of
from fraudshield.transaction.field import MONEY
from fraudshield.transaction.transaction import Transaction

Velocity = Mapping[str, Decimal]  # by name; see velocity.py


class Outcome(StrEnum):
    """What is done with a transaction, mildest first."""

    APPROVE = "approve"
    REVIEW = "review"
    BLOCK = "block"


OutcomeName = Annotated[str, one_of(*(outcome.value for outcome in Outcome))]  # as it is answered
SEVERITY = {outcome: rank for rank, outcome in enumerate(Outcome)}


def most_severe(outcomes: Iterable[Outcome]) -> Outcome:
    """The most severe of some outcomes; `approve` where there is none."""
    return max(outcomes, key=SEVERITY.__getitem__, default=Outcome.APPROVE)


AMOUNTS = frozenset(MONEY)
OwnField = Literal[
    "type", "nameOrig", "nameDest", "amount", "oldbalanceOrg", "newbalanceOrig", "oldbalanceDest", "newbalanceDest"
]
FieldName = Literal[OwnField, VelocityName]
NUMBERS = AMOUNTS | VELOCITY_NAMES
TEXTS = frozenset(get_args(OwnField)) - AMOUNTS


def _share(value: object) -> float | Decimal:
    """Floats are a model's or our own; what is sent has none."""
    return narrowed(exact(Decimal(repr(value)) if isinstance(value, float) else value))


Share = Annotated[
    float | Decimal,
    BeforeValidator(_share),
    Field(gt=0, le=1),
    PlainSerializer(float, return_type=float, when_used="json"),  # `json_text` writes it exactly
    WithJsonSchema({"type": "number", "minimum": LEAST, "maximum": 1}),
]
Bound = Annotated[
    Decimal,
    BeforeValidator(exact),
    Field(gt=-(10**15), lt=10**15),
    PlainSerializer(float, return_type=float, when_used="json"),  # `json_text` writes it exactly
    WithJsonSchema({"type": "number", "exclusiveMinimum": -(10**15), "exclusiveMaximum": 10**15}),
]
Code = Annotated[str, StringConstraints(strict=True, pattern=CODE)]
Text = Annotated[str, StringConstraints(strict=True, max_length=200)]


class Thresholds(BaseModel):
    """From which risk on (inclusive) a transaction is reviewed, and from which it is blocked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    review: Share
    block: Share

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.block < self.review:
            raise cross_fault("thresholds_order", "block should be at or above review", "block", "review")
        return self

    def outcome(self, risk: float) -> Outcome:
        """What these thresholds alone say of a risk."""
        if risk >= self.block:
            return Outcome.BLOCK
        return Outcome.REVIEW if risk >= self.review else Outcome.APPROVE

    def of(self, outcome: Outcome) -> float:
        """The threshold of an outcome; 0 for `approve`, which has none."""
        return float({Outcome.APPROVE: 0.0, Outcome.REVIEW: self.review, Outcome.BLOCK: self.block}[outcome])


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
        value = velocity.get(self.field) if self.field in VELOCITY_NAMES else getattr(transaction, self.field)
        if value is None:
            return False
        if self.any_of is not None:
            return value in self.any_of
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)


class Condition(BaseModel):
    """Where every clause holds the outcome is raised to this one, never lowered, and the code is among the reasons."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code
    outcome: Literal[Outcome.REVIEW, Outcome.BLOCK]
    when: Annotated[tuple[Clause, ...], Field(min_length=1, max_length=10)]

    def holds(self, transaction: Transaction, velocity: Velocity) -> bool:
        """Whether every clause holds."""
        return all(clause.holds(transaction, velocity) for clause in self.when)


Instant = Annotated[datetime, PlainSerializer(lambda at: at.isoformat().replace("+00:00", "Z"), return_type=str)]


Actor = Annotated[str, Field(exclude_if=lambda name: not name)]  # who the bearer of the key said to be; often nobody


class PolicyRules(BaseModel):
    """What a policy's author writes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    thresholds: Thresholds
    conditions: Annotated[tuple[Condition, ...], Field(max_length=20)] = ()
    note: Text = ""


class PolicyChange(PolicyRules):
    """The next version, and the one that its author had read.

    With `force` thresholds are taken that would flag far more of what came lately than those in force.
    """

    based_on: Annotated[int, Field(strict=True, ge=1), WHOLE]
    force: Annotated[bool, Field(strict=True)] = False


class Policy(PolicyRules):
    """One version of the policy. Version 1 is `first_policy`; every change makes the next one."""

    version: Annotated[int, Field(ge=1)]
    created_at: Instant | None = None
    created_by: str = ""
    actor: Actor = ""

    @property
    def velocities(self) -> frozenset[str]:
        """The velocities that some condition asks for: only these are read, and none where none is asked for."""
        return self.fields & VELOCITY_NAMES

    @property
    def aggregates(self) -> frozenset[str]:
        """The aggregates that some condition asks for, by name."""
        return frozenset()

    @property
    def fields(self) -> frozenset[str]:
        """All that some condition asks for."""
        return frozenset(clause.field for condition in self.conditions for clause in condition.when)


# What the first model proposed. They are the product's own and not those of the model that a process has loaded: a
# decision by version 1 was made by these, whichever model or rules it was made with.
FIRST_THRESHOLDS = Thresholds(review=0.0279, block=0.3923)


def first_policy(thresholds: Thresholds = FIRST_THRESHOLDS) -> Policy:
    """Version 1: in force until somebody stores another."""
    return Policy(version=1, thresholds=thresholds, note="what FraudShield comes with")


def read_policy_change(body: object) -> PolicyChange:
    """A change as it was sent.

    Raises:
        Malformed: not an object.
        InvalidInput: with a fault per field.
    """
    return read_object(body, PolicyChange, "thresholds and based_on", "The policy is not valid", "invalid_policy")
