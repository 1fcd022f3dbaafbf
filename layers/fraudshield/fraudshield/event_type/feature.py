"""Features of an event type, as its author writes them: what the next model is trained on."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_serializer
from pydantic_core.core_schema import SerializerFunctionWrapHandler

from fraudshield.event_type.aggregate import Expression
from fraudshield.event_type.field import Says
from fraudshield.text.pattern import CODE

MOST_CASES = 10
Code = Annotated[str, StringConstraints(strict=True, pattern=CODE)]


class FeatureCase(BaseModel):
    """The sentence of a reason where `when`, a condition on `value`, holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    when: Expression
    says: Says


class Feature(BaseModel):
    """What a model reads: a number, a condition or a category, by an expression over fields and aggregates.

    `says` is the sentence of its reason, in which `{value}` and its like stand for what it is; the first of `cases`
    that holds says it otherwise. `code` is the reason's, if that is not the feature's name. `monotone` is for what may
    only raise the risk as it is `rising`, or only as it is `falling`: training keeps to it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: Expression
    says: Says | None = None
    cases: Annotated[tuple[FeatureCase, ...], Field(max_length=MOST_CASES)] = ()
    code: Code | None = None
    monotone: Literal["rising", "falling"] | None = None

    @model_serializer(mode="wrap")
    def _written(self, write: SerializerFunctionWrapHandler) -> dict[str, object]:
        whole: dict[str, object] = write(self)
        return {name: value for name, value in whole.items() if value is not None and value != ()}
