"""The quick evaluation of one payment: a Python function made of the tree.

It is built as Python's own syntax tree, not as text, and every literal, name of a field, and time zone is handed over
by reference: what somebody wrote in an expression never becomes code, and nothing nests deeper than the expression
does. Python's `and`, `or` and `if` leave out what does not matter, as Kleene's do; whatever has no value raises, and
then the careful evaluation says what stands.
"""

import ast
import math
import sys
from collections.abc import Callable, Mapping
from functools import singledispatchmethod
from itertools import count
from typing import Any, NoReturn, cast

from fraudshield.expression import clock, text_operation
from fraudshield.expression.careful import Careful
from fraudshield.expression.guarded import NO_VALUE, WITHOUT_VALUE, compiled, guarded
from fraudshield.expression.names import NUMBERS, Kind
from fraudshield.expression.reading import NO_LISTS, Result, Unread
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
    Selection,
    Size,
    TextTest,
    Tree,
    is_always_finite,
)

Evaluate = Callable[..., Result]
VALUES, LISTS, LAST = "values", "lists", "last"
RELATIONS: Mapping[str, type[ast.cmpop]] = {
    "==": ast.Eq,
    "!=": ast.NotEq,
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
}
OPERATORS: Mapping[str, type[ast.operator]] = {"+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div}
METHODS = {"startsWith": "startswith", "endsWith": "endswith"}


def generate(tree: Tree, careful: Careful) -> Evaluate:
    """A function of values and lists that gives what the careful one does, and asks it where there is no value."""
    generator = Generator()
    return cast(Evaluate, compiled(generator.module(tree), generator.referred, careful))


def source(tree: Tree) -> str:
    """The function as text, for whoever wants to see what is made of an expression."""
    return ast.unparse(Generator().module(tree))


def _no_value() -> NoReturn:
    raise LookupError


class Generator:
    """Makes Python of a tree, and collects under names of its own what that refers to."""

    def __init__(self) -> None:
        self.referred: dict[str, Any] = {
            "true": {True: True, False: False},  # a lookup: nothing but a truth value passes
            "most": sys.float_info.max,
            "least": -sys.float_info.max,
            "unread": Unread,
            "no_value": _no_value,
            WITHOUT_VALUE: NO_VALUE,
            "no_lists": NO_LISTS,
        }
        self.constants = count()

    def module(self, tree: Tree) -> ast.Module:
        """`def evaluate(values, lists): try: return ... except ...: return careful(values, lists)`."""
        body = self.finite(tree) if tree.kind in NUMBERS else self.code(tree)
        return guarded([ast.Return(body)], [VALUES, LISTS], [self.name("no_lists")])

    def name(self, name: str) -> ast.Name:
        """A name of ours, to read."""
        return ast.Name(name, ast.Load())

    def refer(self, value: object) -> ast.Name:
        """A value that the function refers to by a number of ours."""
        name = f"constant_{next(self.constants)}"
        self.referred[name] = value
        return self.name(name)

    def call(self, function: Callable[..., Any], *arguments: ast.expr) -> ast.Call:
        """A call of a function that is handed over."""
        name = f"call_{function.__name__.strip('_')}"
        self.referred[name] = function
        return ast.Call(self.name(name), list(arguments), [])

    def remembered(self, value: ast.expr) -> ast.NamedExpr:
        """`(last := value)`: each use reads it at once, so one name is enough."""
        return ast.NamedExpr(ast.Name(LAST, ast.Store()), value)

    def checked(self, test: ast.expr) -> ast.IfExp:
        """`last if test else no_value()`."""
        return ast.IfExp(test, self.name(LAST), ast.Call(self.name("no_value"), [], []))

    def read(self, name: str) -> ast.Subscript:
        """`values[name]`."""
        return ast.Subscript(self.name(VALUES), self.refer(name), ast.Load())

    def raw(self, reading: Reading) -> ast.expr:
        """What is there, as it is, if it is not None."""
        found = self.remembered(self.read(reading.name))
        return self.checked(ast.Compare(found, [ast.IsNot()], [ast.Constant(None)]))

    def finite(self, tree: Tree) -> ast.expr:
        """A number that is used up here: what overflowed below shows here, as no number or an infinite one."""
        if is_always_finite(tree):
            return self.code(tree)
        limits = [self.remembered(self.code(tree)), self.name("most")]
        return self.checked(ast.Compare(self.name("least"), [ast.LtE(), ast.LtE()], limits))

    def compared(self, tree: Tree, *, exact: bool) -> ast.expr:
        """One side of a comparison: the decimal, the finite number, or what else it is."""
        if exact:
            return self.refer(tree.exact) if isinstance(tree, Constant) else self.raw(cast(Reading, tree))
        return self.finite(tree) if tree.kind in NUMBERS else self.code(tree)

    @singledispatchmethod
    def code(self, tree: Any) -> ast.expr:
        """The Python expression of a tree."""
        raise TypeError(f"{type(tree).__name__} is no part of an expression")

    @code.register(Constant)
    def _(self, tree: Constant) -> ast.expr:
        return self.refer(tree.value)

    @code.register(Reading)
    def _(self, tree: Reading) -> ast.expr:
        if tree.kind in NUMBERS:
            return self.call(float, self.read(tree.name))
        if tree.kind is Kind.BOOLEAN:
            return ast.Subscript(self.name("true"), self.read(tree.name), ast.Load())
        return self.raw(tree)

    @code.register(Negation)
    def _(self, tree: Negation) -> ast.expr:
        return ast.UnaryOp(ast.USub(), self.code(tree.operand))

    @code.register(Arithmetic)
    def _(self, tree: Arithmetic) -> ast.expr:
        if tree.operator == "%":
            return self.call(math.fmod, self.code(tree.left), self.finite(tree.right))
        right = self.finite(tree.right) if tree.operator == "/" else self.code(tree.right)
        return ast.BinOp(self.code(tree.left), OPERATORS[tree.operator](), right)

    @code.register(Computed)
    def _(self, tree: Computed) -> ast.expr:
        functions: dict[str, Callable[..., float]] = {"abs": abs, "min": min, "max": max}
        return self.call(functions[tree.function], *map(self.finite, tree.operands))

    @code.register(Elapsed)
    def _(self, tree: Elapsed) -> ast.expr:
        return ast.BinOp(self.code(tree.later), ast.Sub(), self.code(tree.earlier))

    @code.register(DurationRatio)
    def _(self, tree: DurationRatio) -> ast.expr:
        left, right = (self.call(clock.microseconds, self.code(side)) for side in (tree.left, tree.right))
        return ast.BinOp(left, ast.Div(), right)

    @code.register(ClockPart)
    def _(self, tree: ClockPart) -> ast.expr:
        part = clock.hour if tree.function == "hour" else clock.weekday
        return self.call(part, self.code(tree.instant), self.refer(tree.zone))

    @code.register(Size)
    def _(self, tree: Size) -> ast.expr:
        return self.call(float, self.call(len, self.code(tree.text)))

    @code.register(LowerCase)
    def _(self, tree: LowerCase) -> ast.expr:
        return self.call(text_operation.lower_ascii, self.code(tree.text))

    @code.register(TextTest)
    def _(self, tree: TextTest) -> ast.expr:
        text, sought = self.code(tree.text), self.code(tree.sought)
        if tree.function == "contains":
            return ast.Compare(sought, [ast.In()], [text])
        return ast.Call(ast.Attribute(text, METHODS[tree.function], ast.Load()), [sought], [])

    @code.register(Comparison)
    def _(self, tree: Comparison) -> ast.expr:
        left, right = (self.compared(side, exact=tree.exact) for side in (tree.left, tree.right))
        return ast.Compare(left, [RELATIONS[tree.relation]()], [right])

    @code.register(Membership)
    def _(self, tree: Membership) -> ast.expr:
        choices = frozenset(choice.exact if tree.exact else choice.value for choice in tree.choices)
        return ast.Compare(self.compared(tree.value, exact=tree.exact), [ast.In()], [self.refer(choices)])

    @code.register(ListMembership)
    def _(self, tree: ListMembership) -> ast.expr:
        text = self.code(tree.reading)
        sought = self.call(text_operation.lower_ascii, text) if tree.lower else text
        held = ast.Subscript(self.name(LISTS), self.refer(tree.list_name), ast.Load())
        return ast.Compare(sought, [ast.In()], [held])

    @code.register(Presence)
    def _(self, tree: Presence) -> ast.expr:
        get = ast.Call(ast.Attribute(self.name(VALUES), "get", ast.Load()), [self.refer(tree.reading.name)], [])
        there = ast.Compare(self.remembered(get), [ast.IsNot()], [ast.Constant(None)])
        kind = ast.Attribute(self.name(LAST), "__class__", ast.Load())
        usable = ast.Compare(kind, [ast.IsNot()], [self.name("unread")])
        return ast.BoolOp(ast.And(), [there, ast.BoolOp(ast.Or(), [usable, ast.Call(self.name("no_value"), [], [])])])

    @code.register(Junction)
    def _(self, tree: Junction) -> ast.expr:
        return ast.BoolOp(ast.Or() if tree.decided_by else ast.And(), list(map(self.code, tree.operands)))

    @code.register(Inversion)
    def _(self, tree: Inversion) -> ast.expr:
        return ast.UnaryOp(ast.Not(), self.code(tree.operand))

    @code.register(Selection)
    def _(self, tree: Selection) -> ast.expr:
        return ast.IfExp(self.code(tree.condition), self.code(tree.then), self.code(tree.otherwise))
