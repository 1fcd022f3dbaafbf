"""An expression as it is written, before anybody asks what its names mean.

`at` is where an operator, name or literal begins, in characters from 0; `depth` how deep what is below it nests,
parentheses counted.
"""

from dataclasses import dataclass

MOST_DEPTH = 64


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NumberSyntax:
    """A number as written."""

    text: str
    at: int
    depth: int = 1


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TextSyntax:
    """A text in quotes: what it says."""

    text: str
    at: int
    depth: int = 1


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TruthSyntax:
    """`true` or `false`."""

    holds: bool
    at: int
    depth: int = 1


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NameSyntax:
    """The name of a field, an aggregate or `risk`."""

    name: str
    at: int
    depth: int = 1


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ListNameSyntax:
    """`lists.NAME`."""

    name: str
    at: int
    depth: int = 1


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ChoicesSyntax:
    """`[a, b, c]`."""

    items: tuple["Syntax", ...]
    at: int
    depth: int = 1


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class UnarySyntax:
    """`!a` (or `not a`) and `-a`."""

    operator: str
    operand: "Syntax"
    at: int
    depth: int = 1


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class BinarySyntax:
    """A comparison, `in`, or arithmetic: two operands."""

    operator: str
    left: "Syntax"
    right: "Syntax"
    at: int
    depth: int = 1


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class JunctionSyntax:
    """`a && b && c` or `a || b || c`: a chain is one, however long."""

    operator: str
    operands: tuple["Syntax", ...]
    at: int
    depth: int = 1


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ConditionalSyntax:
    """`condition ? then : otherwise`."""

    condition: "Syntax"
    then: "Syntax"
    otherwise: "Syntax"
    at: int
    depth: int = 1


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CallSyntax:
    """`function(arguments)`, or `receiver.function(arguments)`."""

    function: str
    receiver: "Syntax | None"
    arguments: tuple["Syntax", ...]
    at: int
    depth: int = 1


Syntax = (
    NumberSyntax
    | TextSyntax
    | TruthSyntax
    | NameSyntax
    | ListNameSyntax
    | ChoicesSyntax
    | UnarySyntax
    | BinarySyntax
    | JunctionSyntax
    | ConditionalSyntax
    | CallSyntax
)
