"""The features of one payment by one function: each field is read once, and what several share is worked out once.

The function is made as that of a single expression is, see `generator`. Whatever has no value for a payment makes it
ask each expression by itself; a feature without a value is NaN.
"""

import ast
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import nan
from typing import Any, cast

from fraudshield.expression.expression import Expression
from fraudshield.expression.generator import VALUES, Generator
from fraudshield.expression.guarded import compiled, guarded
from fraudshield.expression.names import NUMBERS, Kind
from fraudshield.expression.reading import NotEvaluated, Values
from fraudshield.expression.tree import (
    Constant,
    Junction,
    Presence,
    Reading,
    Selection,
    Tree,
    below,
    children,
    identity,
)

Vector = Callable[[Values], tuple[float, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Component:
    """One number that a model reads: a number, a condition as 1 or 0, or the rank of a category."""

    expression: Expression
    ranks: Mapping[str, float] = field(default_factory=dict)


def vector(components: Sequence[Component]) -> Vector:
    """The function that gives all of them for a payment, float64; NaN is one without a value, or without a rank."""

    def one_by_one(values: Values) -> tuple[float, ...]:
        return tuple([_number(one, one.expression.evaluate(values)) for one in components])

    generator = _Generator([one.expression.tree for one in components])
    return cast(Vector, compiled(generator.all_of(components), generator.referred, one_by_one))


def source(components: Sequence[Component]) -> str:
    """The function as text, for whoever wants to see what is made of the expressions."""
    return ast.unparse(_Generator([one.expression.tree for one in components]).all_of(components))


def _number(component: Component, found: object) -> float:
    if isinstance(found, NotEvaluated):
        return nan
    return component.ranks.get(found, nan) if isinstance(found, str) else float(cast(float, found))


class _Generator(Generator):
    """As for one expression; a field that some feature always reads has a name, and what several features share too."""

    def __init__(self, trees: Sequence[Tree]) -> None:
        super().__init__()
        self.referred |= {"nan": nan, "one": 1.0, "zero": 0.0}
        self.always = dict.fromkeys(one.name for tree in trees for one in _always_read(tree))
        self.first: dict[str, ast.expr] = {}  # what names of fields stand for, in the order in which they are asked
        compound = (one for tree in trees for one in below(tree) if not isinstance(one, Constant | Reading))
        often = [whose for whose, times in Counter(map(identity, compound)).items() if times > 1]
        self.shared = {whose: f"shared_{at}" for at, whose in enumerate(often)}

    def all_of(self, components: Sequence[Component]) -> ast.Module:
        """`def evaluate(values): try: ...; return (..., ...) except ...: return careful(values)`."""
        numbers = ast.Return(ast.Tuple([self.number(one) for one in components], ast.Load()))
        unknown: list[ast.stmt] = [_let(name, ast.Constant(None)) for name in self.shared.values()]
        fields: list[ast.stmt] = [_let(name, value) for name, value in self.first.items()]
        return guarded([*unknown, *fields, numbers], [VALUES], [])

    def number(self, component: Component) -> ast.expr:
        """The number that a feature is."""
        tree = component.expression.tree
        if tree.kind in NUMBERS:
            return self.finite(tree)
        if tree.kind is Kind.BOOLEAN:
            return ast.IfExp(self.code(tree), self.name("one"), self.name("zero"))
        rank = ast.Attribute(self.refer(component.ranks), "get", ast.Load())
        return ast.Call(rank, [self.code(tree), self.name("nan")], [])

    def code(self, tree: Any) -> ast.expr:
        """As for one expression, under the name that it has here."""
        if isinstance(tree, Reading):
            return self.number_of(tree) if tree.kind in NUMBERS and tree.name in self.always else super().code(tree)
        name = None if isinstance(tree, Constant) else self.shared.get(identity(tree))
        if name is None:
            return super().code(tree)
        made = ast.NamedExpr(ast.Name(name, ast.Store()), super().code(tree))
        return ast.IfExp(ast.Compare(self.name(name), [ast.Is()], [ast.Constant(None)]), made, self.name(name))

    def finite(self, tree: Tree) -> ast.expr:
        """As for one expression; of a field with a name that was looked at when it got it."""
        is_named = isinstance(tree, Reading) and tree.name in self.always
        return self.code(tree) if is_named else super().finite(tree)

    def raw(self, reading: Reading) -> ast.expr:
        """What is there, as it is; of a field with a name that."""
        if reading.name not in self.always:
            return super().raw(reading)
        return self.named("field", reading.name, lambda: super(_Generator, self).raw(reading))

    def number_of(self, reading: Reading) -> ast.expr:
        """The finite float64 of a field with a name."""

        def checked() -> ast.expr:
            number = self.call(float, self.raw(reading))
            limits = [self.remembered(number), self.name("most")]
            return self.checked(ast.Compare(self.name("least"), [ast.LtE(), ast.LtE()], limits))

        return self.named("number", reading.name, checked)

    def named(self, prefix: str, field: str, made: Callable[[], ast.expr]) -> ast.Name:
        """The name of ours for a field; what it stands for is made once."""
        name = f"{prefix}_{[*self.always].index(field)}"
        if name not in self.first:
            value = made()  # which may name another one that has to stand before it
            self.first[name] = value
        return self.name(name)


def _let(name: str, value: ast.expr) -> ast.Assign:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _always_read(tree: Tree) -> Iterator[Reading]:
    """The fields without which a tree has no value, whatever the others are."""
    if isinstance(tree, Reading):
        yield tree
    elif isinstance(tree, Selection):
        yield from _always_read(tree.condition)
    elif isinstance(tree, Junction):
        yield from _always_read(tree.operands[0])
    elif not isinstance(tree, Presence):
        for child in children(tree):
            yield from _always_read(child)
