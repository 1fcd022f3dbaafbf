"""What is wrong with an expression, and where in its text."""

from collections.abc import Sequence
from dataclasses import dataclass

from fraudshield.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class ExpressionFault:
    """One thing wrong with an expression: which character (from 0, inside the text), what and what else, a code."""

    position: int
    detail: str
    code: str
    suggestion: str | None = None


class InvalidExpression(InvalidInput):
    """An expression cannot be read or does not go with the fields; `places` says where in its text."""

    code = "invalid_expression"

    def __init__(self, places: Sequence[ExpressionFault]) -> None:
        first = places[0]
        super().__init__(f"the expression cannot be used: {first.detail} (character {first.position + 1})")
        self.places = tuple(places)
