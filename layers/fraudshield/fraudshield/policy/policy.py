"""The policy, as versioned data: which risk is reviewed or blocked, and which facts alone raise an outcome."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal, Self

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

from fraudshield.expression.expression import Expression, condition
from fraudshield.policy.clause import Text
from fraudshield.policy.named_field import NamedFields
from fraudshield.policy.velocity import VELOCITY_NAMES
from fraudshield.policy.when import When, clauses
from fraudshield.text.fault import cross_fault, read_object
from fraudshield.text.json_text import narrowed
from fraudshield.text.number import LEAST, WHOLE, exact
from fraudshield.text.pattern import CODE, DURATION
from fraudshield.text.schema import one_of


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
Code = Annotated[str, StringConstraints(strict=True, pattern=CODE)]


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


class Condition(BaseModel):
    """Where `when` holds the outcome is raised to this one, never lowered, and the code is among the reasons.

    `when` is an expression over the fields of the event type, or clauses, of which every one must hold.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code
    outcome: Literal[Outcome.REVIEW, Outcome.BLOCK]
    when: When


Instant = Annotated[datetime, PlainSerializer(lambda at: at.isoformat().replace("+00:00", "Z"), return_type=str)]


Actor = Annotated[str, Field(exclude_if=lambda name: not name)]  # who the bearer of the key said to be; often nobody


UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}
Within = Annotated[str, StringConstraints(strict=True, pattern=DURATION)]


class PolicyRules(BaseModel):
    """What a policy's author writes. `review_within` is the time in which a payment held for review is decided."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    thresholds: Thresholds
    conditions: Annotated[tuple[Condition, ...], Field(max_length=20)] = ()
    note: Text = ""
    review_within: Annotated[Within | None, Field(exclude_if=lambda within: within is None)] = None

    @property
    def decided_within(self) -> timedelta | None:
        """`review_within` as a length of time; None where reviews may take as long as they do."""
        if self.review_within is None:
            return None
        return timedelta(seconds=int(self.review_within[:-1]) * UNIT_S[self.review_within[-1]])

    @property
    def expressions(self) -> tuple[str, ...]:
        """What its conditions say as expressions."""
        return tuple(condition.when for condition in self.conditions if isinstance(condition.when, str))


class PolicyChange(PolicyRules):
    """The next version, and the one that its author had read.

    With `force` thresholds are taken that would flag far more of what came lately than those in force. Without
    `review_within` it stays as it was; null ends it.
    """

    based_on: Annotated[int, Field(strict=True, ge=1), WHOLE]
    force: Annotated[bool, Field(strict=True)] = False


class Policy(PolicyRules):
    """One version of the policy. Version 1 is `first_policy`; every change makes the next one.

    `names` are the fields that its expressions name, as the event type had them when it was stored.
    """

    version: Annotated[int, Field(ge=1)]
    names: Annotated[NamedFields, Field(exclude_if=lambda names: names == NamedFields())] = NamedFields()
    created_at: Instant | None = None
    created_by: str = ""
    actor: Actor = ""

    @cached_property
    def compiled(self) -> Mapping[str, Expression]:
        """Its expressions by their texts, compiled once. What was stored compiles: it was checked before."""
        names = self.names.environment()
        return {text: condition(text, names) for text in self.expressions}

    @property
    def velocities(self) -> frozenset[str]:
        """The velocities that some condition asks for: only these are read, and none where none is asked for."""
        return self.fields & VELOCITY_NAMES - self.names.fields.keys()

    @property
    def aggregates(self) -> frozenset[str]:
        """The aggregates that some condition asks for, by name."""
        return self.fields & self.names.aggregates.keys()

    @property
    def fields(self) -> frozenset[str]:
        """All that some condition asks for."""
        of_clauses = (clause.field for one in self.conditions for clause in clauses(one.when))
        used = [expression.names for expression in self.compiled.values()]
        return frozenset().union(of_clauses, *(one.fields | one.aggregates for one in used))


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
