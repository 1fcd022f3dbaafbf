"""Numbers of the oracle: fractions, rounded to float64 where the language computes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from fraudshield.expression.reading import AtLeast, Unread

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Least:
    """A number that is this or more."""

    least: Fraction


def row(values: Mapping[str, Any]) -> Row:
    """A payment as the oracle reads it: numbers as fractions, what has no value as None, the unread by name."""
    unread = frozenset(name for name, value in values.items() if isinstance(value, Unread))
    return {**{name: _plain(value) for name, value in values.items()}, "unread": unread}


def rounded(exact: Fraction | None) -> Fraction | None:
    """The nearest float64; None where it is too large."""
    try:
        return None if exact is None else Fraction(float(exact))
    except OverflowError:
        return None


def remainder(left: Fraction | None, right: Fraction | None) -> Fraction | None:
    """What is left of a division towards zero."""
    if left is None or not right:
        return None
    return left - right * int(left / right)


def at_least_compared(relation: Callable[[Any, Any], bool], left: Any, right: Any) -> bool | None:
    """A comparison; of what is so much or more with enough numbers to see whether all of them compare alike."""
    if left is None or right is None or (isinstance(left, Least) and isinstance(right, Least)):
        return None
    if isinstance(left, Least):
        return _alike({relation(one, right) for one in _candidates(left, right)})
    if isinstance(right, Least):
        return _alike({relation(left, one) for one in _candidates(right, left)})
    return relation(left, right)


def _candidates(least: Least, other: Fraction) -> list[Fraction]:
    tried = [least.least, least.least + 1, other, other + 1, other - 1, (least.least + other) / 2]
    return [one for one in tried if one >= least.least]


def _alike(found: set[bool]) -> bool | None:
    return found.pop() if len(found) == 1 else None


def _plain(value: Any) -> Any:
    if isinstance(value, AtLeast):
        return Least(Fraction(value.least))
    if isinstance(value, Unread):
        return None
    return Fraction(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else value
