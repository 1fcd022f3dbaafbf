"""A rule: when it holds, and which outcome it gives then."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints, model_validator

from fraudshield.policy.clause import Text
from fraudshield.policy.outcome import Outcome
from fraudshield.policy.when import When
from fraudshield.text.fault import cross_fault
from fraudshield.text.json_text import NumberSchema
from fraudshield.text.number import exact
from fraudshield.text.pattern import CODE
from fraudshield.text.timestamp import timestamp
from fraudshield.transaction.transaction import Instant

Code = Annotated[str, StringConstraints(strict=True, pattern=CODE)]
Sentence = Annotated[str, StringConstraints(strict=True, max_length=300)]
ExpiresAt = Annotated[Instant | None, PlainSerializer(lambda at: at and timestamp(at), return_type=str | None)]
ExampleNumber = Annotated[Decimal, BeforeValidator(exact), NumberSchema()]
# Which settings go with which outcomes: with any other they would say nothing.
GOES_WITH: Mapping[str, frozenset[Outcome]] = {
    "overrides_block": frozenset({Outcome.APPROVE}),
    "otherwise": frozenset({Outcome.REVIEW, Outcome.BLOCK}),
    "limit": frozenset({Outcome.BLOCK}),
    "control": frozenset({Outcome.BLOCK}),
}


class RuleExample(BaseModel):
    """A payment, and the outcome that the whole version should give it.

    `values` are those of aggregates and velocities by name, `risk` the model's, `lists` the values that each list
    holds: what is left out is not there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    transaction: dict[str, Any]
    outcome: Outcome
    values: dict[str, ExampleNumber] = Field(default_factory=dict, exclude_if=lambda values: not values)
    risk: Annotated[ExampleNumber | None, Field(ge=0, le=1, exclude_if=lambda risk: risk is None)] = None
    lists: dict[str, tuple[Text, ...]] = Field(default_factory=dict, exclude_if=lambda lists: not lists)


class Condition(BaseModel):
    """Where `when` holds the outcome is raised to this one, never lowered, and the code is among the reasons.

    `when` is an expression over the fields of the event type, or clauses, of which every one must hold.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code
    outcome: Literal[Outcome.REVIEW, Outcome.BLOCK]
    when: When


SAYS: Mapping[str, str] = {
    "expires_at": "From then on the rule is not asked",
    "text": "The reason's sentence, in place of one that names the code",
    "otherwise": "What it gives where something that it needs could not be read; without it, nothing",
    "limit": "none: no breaker limits its blocks",
    "limit_reason": "Why none may",
    "overrides_block": "Whether it also lowers what the thresholds would block",
    "examples": "Payments with the outcome they should get, tried at every change",
}


def _unset(name: str) -> Any:
    """A field that is written only where it says something."""
    return Field(exclude_if=lambda value: not value, description=SAYS[name])


class Rule(BaseModel):
    """Where `when` holds it gives its outcome: `approve` lowers what the thresholds say, the others raise it.

    `control: false` keeps its blocks out of any control share. A condition is a rule that says nothing else.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code
    outcome: Outcome
    when: When
    text: Annotated[Sentence, _unset("text")] = ""
    expires_at: Annotated[ExpiresAt, _unset("expires_at")] = None
    otherwise: Annotated[Literal[Outcome.REVIEW] | None, _unset("otherwise")] = None
    limit: Annotated[Literal["none"] | None, _unset("limit")] = None
    limit_reason: Annotated[Sentence, _unset("limit_reason")] = ""
    overrides_block: Annotated[bool, Field(strict=True), _unset("overrides_block")] = False
    control: Annotated[bool, Field(strict=True, exclude_if=lambda control: control)] = True
    examples: Annotated[tuple[RuleExample, ...], Field(max_length=10), _unset("examples")] = ()

    @model_validator(mode="after")
    def _goes_with_its_outcome(self) -> Self:
        for name, outcomes in GOES_WITH.items():
            if getattr(self, name) != type(self).model_fields[name].default and self.outcome not in outcomes:
                wanted = " or ".join(sorted(outcomes))
                raise cross_fault("rule_setting", f"{name} goes with the outcome {wanted}", name, "outcome")
        if (self.limit is None) == bool(self.limit_reason):
            says = "limit: none and limit_reason, which says why, go together"
            raise cross_fault("limit_reason", says, "limit_reason", "limit")
        return self

    @property
    def is_condition(self) -> bool:
        """Whether it can be said as a condition, as clients know them that know no rules."""
        return self.model_dump().keys() <= Condition.model_fields.keys() and self.outcome is not Outcome.APPROVE

    @property
    def says(self) -> str:
        """The sentence of its reason."""
        return self.text or f"The policy's condition {self.code} holds"

    def is_asked(self, at: datetime) -> bool:
        """Whether it has not expired."""
        return self.expires_at is None or at < self.expires_at


def as_rule(condition: Condition) -> Rule:
    """A condition as a rule."""
    return Rule(code=condition.code, outcome=condition.outcome, when=condition.when)
