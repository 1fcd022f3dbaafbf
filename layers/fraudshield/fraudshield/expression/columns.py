"""An expression over columns: for every row what `Expression.evaluate` gives for its payment, to the last bit.

Only batch and training import this: the online path has no numpy.
"""

from collections.abc import Callable, Mapping
from functools import singledispatchmethod
from operator import eq, ge, gt, le, lt, ne
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from fraudshield.expression import column_clock, column_number, text_operation
from fraudshield.expression.column import Array, Column, Evaluated, Truths
from fraudshield.expression.expression import Expression
from fraudshield.expression.names import NUMBERS, TEXTS, Kind
from fraudshield.expression.tree import (
    Arithmetic,
    ClockPart,
    Comparison,
    Computed,
    Constant,
    DurationRatio,
    Elapsed,
    Inversion,
    Junction,
    ListMembership,
    LowerCase,
    Membership,
    Negation,
    Presence,
    Reading,
    Relation,
    Selection,
    Size,
    TextTest,
    Tree,
)

ListQuery = Callable[[NDArray[np.object_]], Truths]  # of texts without None: which of them the list holds
RELATIONS: Mapping[str, Callable[[Any, Any], Any]] = {"==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}


def columns(
    expression: Expression, fields: Mapping[str, Column], rows: int, lists: Mapping[str, ListQuery] | None = None
) -> Evaluated:
    """The values of an expression, a row each: bool, float64 or texts. A column that is not there is missing."""
    with np.errstate(all="ignore"):
        found = ColumnEvaluation(fields, rows, lists or {}).of(expression.tree)
    values = np.full(rows, found.values) if np.ndim(found.values) == 0 else found.values
    return Evaluated(values.astype(np.float64) if expression.kind in NUMBERS else values, found.known)


def query(texts: Any) -> ListQuery:
    """The query of a list that is a set."""
    return lambda sought: np.array([text in texts for text in sought.tolist()], np.bool_)


class ColumnEvaluation:
    """Evaluates trees over the columns of one chunk."""

    def __init__(self, fields: Mapping[str, Column], rows: int, lists: Mapping[str, ListQuery]) -> None:
        self.fields = fields
        self.rows = rows
        self.lists = lists
        self.always = np.ones(rows, np.bool_)
        self.never = np.zeros(rows, np.bool_)

    @singledispatchmethod
    def of(self, tree: Any) -> Evaluated:
        """The values of a tree. Arrays of `known` are never written to: they are shared."""
        raise TypeError(f"{type(tree).__name__} is no part of an expression")

    @of.register(Constant)
    def _(self, tree: Constant) -> Evaluated:
        value = column_clock.microseconds(tree.value) if tree.kind is Kind.DURATION else tree.value
        return Evaluated(np.array(value, object if tree.kind in TEXTS else None), self.always)

    @of.register(Reading)
    def _(self, tree: Reading) -> Evaluated:
        found = self.read(tree)
        capped = self.capped(tree)
        return found if capped is None else Evaluated(found.values, found.known & ~capped)

    def read(self, tree: Reading) -> Evaluated:
        """A column, capped rows included."""
        column = self.fields.get(tree.name)
        if column is None:
            return Evaluated(_nothing(tree.kind, self.rows), self.never)
        values = column.values.astype(np.float64) if tree.kind in NUMBERS else column.values
        if tree.kind in TEXTS and column.present is not None:
            return Evaluated(values, column.present)
        known = _usable(tree.kind, values)
        return Evaluated(values, known if column.present is None else known & column.present)

    def capped(self, tree: Tree) -> Truths | None:
        """The rows of an aggregate that are only known to be so much or more."""
        column = self.fields.get(tree.name) if isinstance(tree, Reading) else None
        return column.capped if column is not None and column.capped is not None and column.capped.any() else None

    @of.register(Negation)
    def _(self, tree: Negation) -> Evaluated:
        operand = self.of(tree.operand)
        return Evaluated(-operand.values, operand.known)

    @of.register(Arithmetic)
    def _(self, tree: Arithmetic) -> Evaluated:
        return column_number.arithmetic(tree.operator, self.of(tree.left), self.of(tree.right))

    @of.register(Computed)
    def _(self, tree: Computed) -> Evaluated:
        return column_number.computed(tree.function, list(map(self.of, tree.operands)))

    @of.register(Elapsed)
    def _(self, tree: Elapsed) -> Evaluated:
        later, earlier = self.of(tree.later), self.of(tree.earlier)
        values = column_clock.integers(later.values) - column_clock.integers(earlier.values)
        return Evaluated(values, later.known & earlier.known)

    @of.register(DurationRatio)
    def _(self, tree: DurationRatio) -> Evaluated:
        left, right = (self.of(side) for side in (tree.left, tree.right))
        floats = [Evaluated(side.values.astype(np.float64), side.known) for side in (left, right)]
        return column_number.arithmetic("/", *floats)

    @of.register(ClockPart)
    def _(self, tree: ClockPart) -> Evaluated:
        return column_clock.part(tree.function, tree.zone, self.of(tree.instant))

    @of.register(Size)
    def _(self, tree: Size) -> Evaluated:
        return self.each(lambda text: float(len(text)), np.float64, tree.text)

    @of.register(LowerCase)
    def _(self, tree: LowerCase) -> Evaluated:
        return self.each(text_operation.lower_ascii, np.object_, tree.text)

    @of.register(TextTest)
    def _(self, tree: TextTest) -> Evaluated:
        return self.each(text_operation.TESTS[tree.function], np.bool_, tree.text, tree.sought)

    def each(self, compute: Callable[..., Any], kind: Any, *operands: Tree) -> Evaluated:
        """What Python gives for each row whose texts are all there."""
        found = [self.of(operand) for operand in operands]
        known = np.logical_and.reduce([one.known for one in found])
        texts = [np.broadcast_to(one.values, self.rows)[known].tolist() for one in found]
        values = np.zeros(self.rows, kind)
        values[known] = list(map(compute, *texts))
        return Evaluated(values, known)

    @of.register(Comparison)
    def _(self, tree: Comparison) -> Evaluated:
        left, right = (self.read(one) if isinstance(one, Reading) else self.of(one) for one in (tree.left, tree.right))
        exact: list[column_number.Decimals] = []
        if tree.exact and not column_number.is_zero(tree.left) and not column_number.is_zero(tree.right):
            exact = [column_number.decimals(side, self.fields) for side in (tree.left, tree.right)]
        sides = [_of_one_type(tree.left, left.values), _of_one_type(tree.right, right.values)]

        def compare(relation: Relation) -> Truths:
            return np.asarray(column_number.compare_exactly(RELATIONS[relation], sides, exact), np.bool_)

        sure = column_number.decided(tree.relation, compare, self.capped(tree.left), self.capped(tree.right))
        return Evaluated(compare(tree.relation), left.known & right.known & sure)

    @of.register(Membership)
    def _(self, tree: Membership) -> Evaluated:
        value = self.of(tree.value)
        if tree.exact:
            return Evaluated(
                column_number.exactly_in(cast(Reading, tree.value), value, tree.choices, self.fields), value.known
            )
        choices = [choice.value for choice in tree.choices]
        if tree.value.kind in TEXTS:
            return Evaluated(query(frozenset(choices))(np.broadcast_to(value.values, self.rows)), value.known)
        return Evaluated(np.isin(value.values, np.array(choices, value.values.dtype)), value.known)

    @of.register(ListMembership)
    def _(self, tree: ListMembership) -> Evaluated:
        text = self.of(LowerCase(tree.reading) if tree.lower else tree.reading)
        if tree.list_name not in self.lists:
            return Evaluated(self.never, self.never)
        values = np.zeros(self.rows, np.bool_)
        values[text.known] = self.lists[tree.list_name](text.values[text.known])
        return Evaluated(values, text.known)

    @of.register(Presence)
    def _(self, tree: Presence) -> Evaluated:
        column = self.fields.get(tree.reading.name)
        unread = self.never if column is None or column.unread is None else column.unread
        return Evaluated(self.read(tree.reading).known, ~unread)

    @of.register(Junction)
    def _(self, tree: Junction) -> Evaluated:
        operands = [self.of(operand) for operand in tree.operands]
        deciding = [one.known & (one.values == tree.decided_by) for one in operands]
        decided = np.logical_or.reduce(deciding)
        known = decided | np.logical_and.reduce([one.known for one in operands])
        return Evaluated(decided if tree.decided_by else ~decided, known)

    @of.register(Inversion)
    def _(self, tree: Inversion) -> Evaluated:
        operand = self.of(tree.operand)
        return Evaluated(~operand.values, operand.known)

    @of.register(Selection)
    def _(self, tree: Selection) -> Evaluated:
        condition, then, otherwise = map(self.of, (tree.condition, tree.then, tree.otherwise))
        values = np.where(condition.values, then.values, otherwise.values)
        return Evaluated(values, condition.known & np.where(condition.values, then.known, otherwise.known))


def _of_one_type(tree: Tree, values: Array) -> Array:
    """Instants as integers: what they are compared with is an integer, too."""
    return column_clock.integers(values) if tree.kind is Kind.INSTANT else values


def _usable(kind: Kind, values: Array) -> Truths:
    """Where a column has a value by itself."""
    if kind in NUMBERS:
        return np.isfinite(values)
    if kind is Kind.INSTANT:
        return ~np.isnat(values)
    if kind in TEXTS:
        return np.array([value is not None for value in values.tolist()], np.bool_)
    return np.ones(len(values), np.bool_)


def _nothing(kind: Kind, rows: int) -> Array:
    types: Mapping[Kind, Any] = {Kind.BOOLEAN: np.bool_, Kind.INSTANT: "datetime64[us]"}
    return np.zeros(rows, np.float64 if kind in NUMBERS else types.get(kind, object))
