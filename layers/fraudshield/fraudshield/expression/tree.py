"""A checked expression: every node knows its kind, every name is known. Three evaluators walk it.

`careful` evaluates a payment of which something may be missing, `generator` writes what does so quickly where nothing
is, `columns` is for files; they agree to the last bit. `at` says where a name stands in the text.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, fields
from datetime import timedelta
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from fraudshield.expression.names import Kind

Relation = Literal["==", "!=", "<", "<=", ">", ">="]
Operator = Literal["+", "-", "*", "/", "%"]
NumberFunction = Literal["abs", "min", "max"]
TextFunction = Literal["startsWith", "endsWith", "contains"]
ClockFunction = Literal["hour", "weekday"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Constant:
    """A literal: a float64 (with the decimal that was written beside it), a text, a truth value or a duration."""

    value: float | str | bool | timedelta
    kind: Kind
    exact: Decimal | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reading:
    """The value of a field, of an aggregate, or the risk."""

    name: str
    kind: Kind
    at: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Negation:
    """A number with the other sign."""

    operand: "Tree"
    kind: Kind


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Arithmetic:
    """Two numbers in float64; `%` keeps the sign of its left side, as C and CEL do."""

    operator: Operator
    left: "Tree"
    right: "Tree"
    kind: Kind


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Computed:
    """`abs`, `min` or `max` of numbers."""

    function: NumberFunction
    operands: tuple["Tree", ...]
    kind: Kind


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Elapsed:
    """The time from one instant to another."""

    later: "Tree"
    earlier: "Tree"
    kind: Kind = Kind.DURATION


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DurationRatio:
    """How many times one duration goes into another."""

    left: "Tree"
    right: "Tree"
    kind: Kind = Kind.NUMBER


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ClockPart:
    """The hour (0 to 23) or the weekday (1 is Monday, 7 Sunday) of an instant on the clocks of a zone."""

    function: ClockFunction
    instant: "Tree"
    zone: ZoneInfo
    kind: Kind = Kind.INTEGER


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Size:
    """The number of characters of a text."""

    text: "Tree"
    kind: Kind = Kind.INTEGER


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LowerCase:
    """A text with A to Z as a to z; other characters stay."""

    text: "Tree"
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TextTest:
    """Whether a text begins with, ends with or holds another."""

    function: TextFunction
    text: "Tree"
    sought: "Tree"
    kind: Kind = Kind.BOOLEAN


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Comparison:
    """A comparison; `exact` where both sides are bare money or literals and are compared as decimals."""

    relation: Relation
    left: "Tree"
    right: "Tree"
    exact: bool = False
    kind: Kind = Kind.BOOLEAN


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Membership:
    """Whether a value is one of some literals; of bare money as decimals."""

    value: "Tree"
    choices: tuple[Constant, ...]
    exact: bool = False
    kind: Kind = Kind.BOOLEAN


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ListMembership:
    """Whether a named list holds the value of a field."""

    reading: Reading
    lower: bool
    list_name: str
    kind: Kind = Kind.BOOLEAN


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Presence:
    """Whether a field has a value."""

    reading: Reading
    kind: Kind = Kind.BOOLEAN


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Junction:
    """`&&` (decided by one that does not hold) or `||` (decided by one that holds): `decided_by` is that value."""

    decided_by: bool
    operands: tuple["Tree", ...]
    kind: Kind = Kind.BOOLEAN


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Inversion:
    """`!`."""

    operand: "Tree"
    kind: Kind = Kind.BOOLEAN


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Selection:
    """`condition ? then : otherwise`; only the one that is chosen has to have a value."""

    condition: "Tree"
    then: "Tree"
    otherwise: "Tree"
    kind: Kind


Tree = (
    Constant
    | Reading
    | Negation
    | Arithmetic
    | Computed
    | Elapsed
    | DurationRatio
    | ClockPart
    | Size
    | LowerCase
    | TextTest
    | Comparison
    | Membership
    | ListMembership
    | Presence
    | Junction
    | Inversion
    | Selection
)


def children(tree: Tree) -> Iterator[Tree]:
    """What a tree is made of, in the order of the text."""
    for field in fields(tree):
        value = getattr(tree, field.name)
        yield from (one for one in (value if isinstance(value, tuple) else (value,)) if isinstance(one, Tree))


def below(tree: Tree) -> Iterator[Tree]:
    """The tree itself and everything in it, in the order of the text."""
    yield tree
    for child in children(tree):
        yield from below(child)


def identity(tree: Tree) -> Hashable:
    """What trees have in common that give the same, whatever place of a text they are from."""
    parts = (getattr(tree, field.name) for field in fields(tree) if field.name != "at")
    return (type(tree).__name__, *map(_identity_of_part, parts))


def _identity_of_part(part: object) -> Hashable:
    if isinstance(part, tuple):
        return tuple(map(_identity_of_part, part))
    return identity(part) if isinstance(part, Tree) else repr(part)  # 0.0 and -0.0, and 1 and True, are different


def is_bare_money(tree: Tree) -> bool:
    """Whether this is nothing but a field or aggregate of money, whose decimal is there to compare."""
    return isinstance(tree, Reading) and tree.kind is Kind.MONEY


def is_always_finite(tree: Tree) -> bool:
    """Whether a number needs no look at whether it overflowed."""
    return isinstance(tree, Constant | ClockPart | Size)
