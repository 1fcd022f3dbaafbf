"""The functions of the language: what each takes, and the tree that it makes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from fraudshield.expression import literal
from fraudshield.expression.fault import ExpressionFault
from fraudshield.expression.kind import arithmetic_kind, said
from fraudshield.expression.names import NUMBERS, TEXTS, Environment, Kind, nearest
from fraudshield.expression.syntax import NameSyntax, Syntax, TextSyntax
from fraudshield.expression.tree import (
    ClockFunction,
    ClockPart,
    Computed,
    Constant,
    LowerCase,
    NumberFunction,
    Presence,
    Reading,
    Size,
    TextFunction,
    TextTest,
    Tree,
)

AT_THE_CALL = -1


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a function is called with, as written and as checked, the receiver first."""

    written: tuple[Syntax, ...]
    trees: tuple[Tree, ...]
    environment: Environment

    def are(self, *wanted: frozenset[Kind]) -> bool:
        """Whether there are as many as wanted and each is of its kinds."""
        pairs = zip(self.trees, wanted, strict=False)
        return len(self.trees) == len(wanted) and all(tree.kind in kinds for tree, kinds in pairs)

    def refused(self, usage: str) -> ExpressionFault:
        """The fault of a call with other arguments than these."""
        found = ", ".join(map(said, self.trees)) or "nothing"
        return ExpressionFault(AT_THE_CALL, f"it is written {usage}; here it gets {found}", "arguments")


Made = Tree | ExpressionFault


def _has(arguments: Arguments) -> Made:
    match arguments.trees:
        case (Reading() as reading,) if isinstance(arguments.written[0], NameSyntax):
            return Presence(reading)
        case _:
            return arguments.refused("has(FIELD)")


def _size(arguments: Arguments) -> Made:
    return Size(arguments.trees[0]) if arguments.are(TEXTS) else arguments.refused("size(TEXT)")


def _computed(function: str, most: int | None) -> Callable[[Arguments], Made]:
    usage = "abs(NUMBER)" if most == 1 else f"{function}(NUMBER, NUMBER, ...)"

    def made(arguments: Arguments) -> Made:
        operands = arguments.trees
        enough = len(operands) == 1 if most == 1 else len(operands) > 1
        if not enough or any(operand.kind not in NUMBERS for operand in operands):
            return arguments.refused(usage)
        kind = arithmetic_kind(*(operand.kind for operand in operands))
        return Computed(cast(NumberFunction, function), operands, kind)

    return made


def _duration(arguments: Arguments) -> Made:
    match arguments.written:
        case (TextSyntax(text=text, at=at),):
            length = literal.duration(text)
            detail = f'{text!r} is no duration; write h, m, s, ms and us, as duration("72h") or duration("1h30m")'
            return ExpressionFault(at, detail, "duration") if length is None else Constant(length, Kind.DURATION)
        case _:
            return arguments.refused('duration("72h")')


def _clock(function: str) -> Callable[[Arguments], Made]:
    def made(arguments: Arguments) -> Made:
        instant = frozenset({Kind.INSTANT})
        named = arguments.are(instant, TEXTS) and isinstance(arguments.written[1], TextSyntax)
        if not named and not arguments.are(instant):
            return arguments.refused(f'{function}(INSTANT) or {function}(INSTANT, "Europe/Berlin")')
        written = arguments.written[1] if named else None
        name = written.text if isinstance(written, TextSyntax) else arguments.environment.zone
        zone = literal.zone(name)
        if zone is None:
            at = written.at if written else AT_THE_CALL
            return ExpressionFault(at, f"there is no time zone {name!r}", "unknown_zone", literal.nearest_zone(name))
        return ClockPart(cast(ClockFunction, function), arguments.trees[0], zone)

    return made


def _text_test(function: str) -> Callable[[Arguments], Made]:
    def made(arguments: Arguments) -> Made:
        if not arguments.are(TEXTS, TEXTS):
            return arguments.refused(f"TEXT.{function}(TEXT)")
        return TextTest(cast(TextFunction, function), arguments.trees[0], arguments.trees[1])

    return made


def _lower(arguments: Arguments) -> Made:
    return LowerCase(arguments.trees[0]) if arguments.are(TEXTS) else arguments.refused("TEXT.lowerAscii()")


FUNCTIONS: Mapping[str, Callable[[Arguments], Made]] = {
    "has": _has,
    "size": _size,
    "abs": _computed("abs", 1),
    "min": _computed("min", None),
    "max": _computed("max", None),
    "duration": _duration,
    "hour": _clock("hour"),
    "weekday": _clock("weekday"),
}
METHODS: Mapping[str, Callable[[Arguments], Made]] = {
    "startsWith": _text_test("startsWith"),
    "endsWith": _text_test("endsWith"),
    "contains": _text_test("contains"),
    "lowerAscii": _lower,
}


def misuse(function: str, *, is_method: bool) -> tuple[str, str, str | None]:
    """Code, detail and suggestion of a call of something that is no function, or not called so."""
    if function in METHODS:
        return "unknown_function", f"{function} is written TEXT.{function}(...)", None
    if function in FUNCTIONS:
        return "unknown_function", f"{function} is written {function}(...)", None
    near = nearest(function, METHODS if is_method else [*FUNCTIONS, *METHODS])
    return "unknown_function", f"there is no function {function!r}", near
