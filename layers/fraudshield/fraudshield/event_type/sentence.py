"""The sentence of a feature's reason: a text with places for its value, and other texts for some values."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from fraudshield.event_type.feature import Feature
from fraudshield.expression.amount import is_amount
from fraudshield.expression.expression import Expression, condition
from fraudshield.expression.names import NUMBERS, TEXTS, Environment, Kind
from fraudshield.expression.tree import Tree

VALUE = "value"
PLACE = re.compile(r"\{([^{}]*)\}")
Value = bool | float | Decimal | str  # a number, an amount as it was sent, a condition, or a category
Number = float | Decimal
MOST_PERCENT = 99.9  # of what is not yet the whole


def _plain(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else f"{round(value, 4):,}".removesuffix(".0")


def _percent(share: Number) -> str:
    percent = round(100 * float(share), 1)
    return f"{percent if share >= 1 else min(percent, MOST_PERCENT):g}"


OF_NUMBERS: Mapping[str, Callable[[Number], str]] = {
    "money": lambda value: f"{value:,.2f}",
    "size": lambda value: f"{abs(value):,.2f}",
    "percent": _percent,
    "times": lambda value: f"{value:,.0f}",
}


@dataclass(frozen=True, slots=True, eq=False)
class Sentence:
    """What the reason of a feature says; `cases` come first."""

    name: str
    says: str
    cases: tuple[tuple[Expression, str], ...] = ()

    def of(self, value: Value | None) -> str:
        """The sentence for a value; None is one that is missing."""
        if value is None:
            return f"{self.name} is missing"
        text = next((says for when, says in self.cases if when.evaluate({VALUE: value}) is True), self.says)
        return PLACE.sub(lambda place: _put(place[1], value), text)


def sentence(name: str, written: Feature, tree: Tree) -> Sentence:
    """The sentence of a feature whose expression has this tree. Raises InvalidExpression for a case that is none."""
    names = environment_of(tree)
    cases = tuple((condition(one.when, names), one.says) for one in written.cases)
    return Sentence(name, written.says or f"{name} is {{value}}", cases)


def environment_of(tree: Tree) -> Environment:
    """What the condition of a case may name: the value."""
    kind = Kind.MONEY if is_amount(tree) else Kind.NUMBER if tree.kind in NUMBERS else tree.kind
    return Environment({VALUE: kind})


def places_of(tree: Tree) -> list[str]:
    """The places that a sentence about such a feature may have."""
    return [VALUE, *(OF_NUMBERS if tree.kind not in TEXTS | {Kind.BOOLEAN} else ())]


def _put(place: str, value: Value) -> str:
    if place in OF_NUMBERS and isinstance(value, float | Decimal):
        return OF_NUMBERS[place](value)
    return _plain(value)
