"""The careful evaluation of one payment: Kleene's three states, and the reason where there is no value.

The quick evaluation turns to this one when it meets something without a value. `&&` and `||` are decided by any side
that decides them; everything else has a value only where all that it needs has one. The reason is the first in the
text. Each part of a tree becomes a function once, so that a payment with a missing field is not slow either.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import singledispatch
from operator import eq, ge, gt, le, lt, ne, neg, not_, sub
from typing import Any, cast

from fraudshield.expression import arithmetic, capped, clock, text_operation
from fraudshield.expression.names import NUMBERS, Kind
from fraudshield.expression.reading import (
    HISTORY_CAPPED,
    LIST_UNREAD,
    MISSING,
    OVERFLOW,
    AtLeast,
    Lists,
    NotEvaluated,
    Unread,
    Values,
)
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

Value = bool | float | str | Decimal | datetime | timedelta
Careful = Callable[[Values, Lists], Value | NotEvaluated]

COMPARE: Mapping[Relation, Callable[[Any, Any], bool]] = {"==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}


@singledispatch
def careful(tree: Any) -> Careful:
    """The function that gives a tree's value for a payment, or why there is none."""
    raise TypeError(f"{type(tree).__name__} is no part of an expression")


@careful.register(Constant)
def _(tree: Constant) -> Careful:
    return lambda _values, _lists: tree.value


@careful.register(Reading)
def _(tree: Reading) -> Careful:
    name, made = tree.name, _made(tree)
    missing, cut = NotEvaluated(MISSING, name), NotEvaluated(HISTORY_CAPPED, name)

    def read(values: Values, _lists: Lists) -> Value | NotEvaluated:
        value = values.get(name)
        if value is None:
            return missing
        if isinstance(value, Unread):
            return NotEvaluated(value.code, name)
        return cut if isinstance(value, AtLeast) else made(value)

    return read


@careful.register(Negation)
def _(tree: Negation) -> Careful:
    return _of([tree.operand], neg)


@careful.register(Arithmetic)
def _(tree: Arithmetic) -> Careful:
    return _of([tree.left, tree.right], arithmetic.computation(tree.operator))


@careful.register(Computed)
def _(tree: Computed) -> Careful:
    return _of(tree.operands, arithmetic.CHOOSE[tree.function])


@careful.register(Elapsed)
def _(tree: Elapsed) -> Careful:
    return _of([tree.later, tree.earlier], sub)


@careful.register(DurationRatio)
def _(tree: DurationRatio) -> Careful:
    def ratio(left: timedelta, right: timedelta) -> float | NotEvaluated:
        return clock.microseconds(left) / clock.microseconds(right) if right else arithmetic.BY_ZERO

    return _of([tree.left, tree.right], ratio)


@careful.register(ClockPart)
def _(tree: ClockPart) -> Careful:
    part = clock.PARTS[tree.function]
    return _of([tree.instant], lambda instant: arithmetic.finite(lambda: part(instant, tree.zone)))


@careful.register(Size)
def _(tree: Size) -> Careful:
    return _of([tree.text], lambda text: float(len(text)))


@careful.register(LowerCase)
def _(tree: LowerCase) -> Careful:
    return _of([tree.text], text_operation.lower_ascii)


@careful.register(TextTest)
def _(tree: TextTest) -> Careful:
    return _of([tree.text, tree.sought], text_operation.TESTS[tree.function])


@careful.register(Comparison)
def _(tree: Comparison) -> Careful:
    side = _exact if tree.exact else careful
    plain = _of([side(tree.left), side(tree.right)], COMPARE[tree.relation])
    mirrored = capped.MIRRORED[tree.relation]
    sides = [(_name(tree.left), tree.relation, side(tree.right)), (_name(tree.right), mirrored, side(tree.left))]

    def compared(values: Values, lists: Lists) -> Value | NotEvaluated:
        for name, relation, other in sides:
            value = values.get(name)
            if isinstance(value, AtLeast) and not isinstance(against := other(values, lists), NotEvaluated):
                least = Decimal(str(value.least)) if tree.exact else float(value.least)
                sure = capped.decided(relation, least, against)
                return NotEvaluated(HISTORY_CAPPED, name) if sure is None else sure
        return plain(values, lists)

    return compared


@careful.register(Membership)
def _(tree: Membership) -> Careful:
    choices = [choice.exact if tree.exact else choice.value for choice in tree.choices]
    return _of([_exact(tree.value) if tree.exact else careful(tree.value)], lambda value: value in choices)


@careful.register(ListMembership)
def _(tree: ListMembership) -> Careful:
    unread = NotEvaluated(LIST_UNREAD, tree.list_name)
    read = careful(LowerCase(tree.reading) if tree.lower else tree.reading)

    def held(values: Values, lists: Lists) -> Value | NotEvaluated:
        value, texts = read(values, lists), lists.get(tree.list_name)
        if isinstance(value, NotEvaluated):
            return value
        return unread if texts is None or isinstance(texts, Unread) else value in texts

    return held


@careful.register(Presence)
def _(tree: Presence) -> Careful:
    def present(values: Values, _lists: Lists) -> Value | NotEvaluated:
        value = values.get(tree.reading.name)
        return NotEvaluated(value.code, tree.reading.name) if isinstance(value, Unread) else value is not None

    return present


@careful.register(Junction)
def _(tree: Junction) -> Careful:
    operands, decided_by = [careful(operand) for operand in tree.operands], tree.decided_by

    def joined(values: Values, lists: Lists) -> Value | NotEvaluated:
        reason: NotEvaluated | None = None
        for operand in operands:
            found = operand(values, lists)
            if found is decided_by:
                return decided_by
            if reason is None and isinstance(found, NotEvaluated):
                reason = found
        return not decided_by if reason is None else reason

    return joined


@careful.register(Inversion)
def _(tree: Inversion) -> Careful:
    return _of([tree.operand], not_)


@careful.register(Selection)
def _(tree: Selection) -> Careful:
    condition, then, otherwise = map(careful, (tree.condition, tree.then, tree.otherwise))

    def selected(values: Values, lists: Lists) -> Value | NotEvaluated:
        holds = condition(values, lists)
        return holds if isinstance(holds, NotEvaluated) else (then if holds else otherwise)(values, lists)

    return selected


def _of(operands: Any, compute: Callable[..., Any]) -> Careful:
    """What is computed of the operands' values; where one has none, why."""
    reads = [operand if callable(operand) else careful(operand) for operand in operands]

    def computed(values: Values, lists: Lists) -> Any:
        found = [read(values, lists) for read in reads]
        for one in found:
            if isinstance(one, NotEvaluated):
                return one
        return compute(*found)

    return computed


def _made(reading: Reading) -> Callable[[Any], Any]:
    """What makes of a value that is there the one to work with."""
    if reading.kind not in NUMBERS:
        return bool if reading.kind is Kind.BOOLEAN else lambda value: value
    too_large = NotEvaluated(OVERFLOW, reading.name)
    return lambda value: arithmetic.finite(lambda: float(value), too_large)


def _exact(tree: Tree) -> Careful:
    """The decimal of a literal, or of bare money."""
    if isinstance(tree, Constant):
        return lambda _values, _lists: cast(Decimal, tree.exact)
    read, name = careful(tree), _name(tree)

    def exact(values: Values, lists: Lists) -> Value | NotEvaluated:
        found = read(values, lists)
        return found if isinstance(found, NotEvaluated) else Decimal(cast(Decimal, values[name]))

    return exact


def _name(tree: Tree) -> str:
    return tree.name if isinstance(tree, Reading) else ""
