"""Thresholds on the risk: one pair for all payments, and others by the category of one field."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema, model_validator

from fraudshield.policy.clause import Text
from fraudshield.policy.outcome import Outcome
from fraudshield.text.fault import cross_fault
from fraudshield.text.json_text import narrowed
from fraudshield.text.number import LEAST, exact


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


class CategoryThresholds(BaseModel):
    """Thresholds by the values of one field; a payment with another value, or none, goes by those for all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: Text
    thresholds: dict[Text, Thresholds] = Field(min_length=1, max_length=100)
