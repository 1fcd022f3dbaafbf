"""Numbers in columns: float64 arithmetic, exact comparison of money, and counts that are so much or more."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from operator import eq
from typing import Any, cast

import numpy as np

from fraudshield.expression.column import Array, Column, Evaluated, Truths, is_long
from fraudshield.expression.tree import Constant, NumberFunction, Operator, Reading, Relation, Tree

COMPUTE: Mapping[Operator, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
}
Decimals = Mapping[int, Decimal] | Decimal | None  # by row; one for all; or none beyond 15 digits


def arithmetic(operator: Operator, left: Evaluated, right: Evaluated) -> Evaluated:
    """Two numbers in float64; no value where one has none, by a division by zero, or where it overflows."""
    values = COMPUTE[operator](left.values, right.values)
    known = left.known & right.known & np.isfinite(values)
    return Evaluated(values, known & (right.values != 0) if operator in ("/", "%") else known)


def computed(function: NumberFunction, operands: Sequence[Evaluated]) -> Evaluated:
    """`abs`, `min`, `max`: of equals the first, as Python's."""
    values = operands[0].values
    if function == "abs":
        return Evaluated(np.abs(values), operands[0].known)
    for other in operands[1:]:
        better = other.values < values if function == "min" else other.values > values
        values = np.where(better, other.values, values)
    return Evaluated(values, np.logical_and.reduce([one.known for one in operands]))


def decided(
    relation: Relation,
    compare: Callable[[Relation], Truths],
    left_capped: Truths | None,
    right_capped: Truths | None,
) -> Truths | bool:
    """Where a comparison is decided: where a side is so much or more, only if every such number compares alike."""
    sure: Truths | bool = True
    if left_capped is not None:
        sure = sure & (~left_capped | compare(">=" if relation in (">=", "<") else ">"))
    if right_capped is not None:
        sure = sure & (~right_capped | compare("<=" if relation in ("<=", ">") else "<"))
    return sure if left_capped is None or right_capped is None else sure & ~(left_capped & right_capped)


def decimals(side: Tree, fields: Mapping[str, Column]) -> Decimals:
    """The decimals of a side of an exact comparison that its float64 does not tell apart."""
    if isinstance(side, Constant):
        return side.exact if side.exact is not None and is_long(side.exact) else None
    column = fields.get(cast(Reading, side).name)
    return None if column is None or not column.exact else column.exact


def is_zero(side: Tree) -> bool:
    """Whether a side is the literal 0: the nearest float64 of a decimal is 0 only where that is 0 itself."""
    return isinstance(side, Constant) and side.exact == 0


def compare_exactly(relation: Callable[[Any, Any], Any], sides: Sequence[Array], exact: Sequence[Decimals]) -> Truths:
    """The comparison of two sides, of the decimals where `exact` has some for a side.

    Rounding keeps the order: decimals whose float64 differ compare as these do. Where the float64 are equal the
    decimals are, too, unless one has more than 15 digits; those rows are compared one by one.
    """
    left, right = sides
    values = np.array(relation(left, right), np.bool_)
    equal = np.broadcast_to(left == right, values.shape)
    for row in _long_rows(equal, exact):
        if equal[row]:
            values[row] = relation(_decimal(left, exact[0], row), _decimal(right, exact[1], row))
    return values


def _long_rows(equal: Truths, exact: Sequence[Decimals]) -> list[int]:
    """The rows of which a side has more than 15 digits: all that are equal where a literal has."""
    if any(isinstance(one, Decimal) for one in exact):
        return np.flatnonzero(equal).tolist()
    return sorted({row for one in exact if one is not None for row in cast(Mapping[int, Decimal], one)})


def exactly_in(reading: Reading, value: Evaluated, choices: Sequence[Constant], fields: Mapping[str, Column]) -> Truths:
    """Whether the decimals are among literals."""
    found = np.zeros(len(value.values), np.bool_)
    exact = decimals(reading, fields)
    for choice in choices:
        literal = np.array(choice.value, np.float64)
        found |= compare_exactly(eq, [value.values, literal], [exact, decimals(choice, {})])
    return found


def _decimal(values: Array, exact: Decimals, row: int) -> Decimal:
    if isinstance(exact, Decimal):
        return exact
    long = exact.get(row) if exact else None
    return Decimal(repr(float(values if values.ndim == 0 else values[row]))) if long is None else long
