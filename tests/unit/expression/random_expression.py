"""Random expressions, each with its text, the same in CEL, and its value by a plain walk in fractions.

Parentheses stand only where precedence asks for them, so that reading the text back tests precedence. The walk shares
no code with the product: numbers are fractions that are rounded to float64 after every step, money is not rounded
where it is compared bare, and None is "no value".
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests.unit.expression.fraction import Least, Row, at_least_compared, remainder, rounded
from tests.unit.expression.random_value import KIND_TEXTS, KINDS, LISTS, TEXTS

CONDITIONAL, OR, AND, NOT, RELATION, SUM, PRODUCT, UNARY, ATOM = range(9)
LEVELS = {"||": OR, "&&": AND}
ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"]
ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


@dataclass(frozen=True, slots=True)
class Sample:
    """An expression: our text and how tight it binds, CEL's and how tight that binds, and its value in a row."""

    text: str
    level: int
    cel: str
    cel_level: int
    value: Callable[[Row], Any]
    bare: bool = False  # a literal, or a name: money is compared as decimals

    def within(self, level: int) -> tuple[str, str]:
        """Both texts, in parentheses where the place binds tighter than they do."""
        ours = self.text if self.level >= level else f"({self.text})"
        return ours, self.cel if self.cel_level >= level else f"({self.cel})"


def atom(text: str, cel: str, value: Callable[[Row], Any], *, bare: bool = False) -> Sample:
    return Sample(text, ATOM, cel, ATOM, value, bare)


class Expressions:
    """Makes expressions; `wide` adds what CEL has not or does differently, `levels` may plant a wrong precedence."""

    def __init__(self, random: Random, *, wide: bool, levels: Mapping[str, int] = LEVELS) -> None:
        self.random = random
        self.wide = wide
        self.levels = levels

    def condition(self, depth: int) -> Sample:
        deep = [self.junction] * 5 + [self.inversion] * 2 + [self.selection, self.equal_conditions]
        flat = [self.comparison] * 5 + [self.text_comparison, self.among, self.text_test, self.presence, self.flag]
        flat += [self.elapsed] + ([self.listed, self.listed, self.money_comparison] if self.wide else [])
        chosen = self.random.choice(deep if depth > 0 and self.random.random() < 0.7 else flat)
        return chosen(depth)

    def junction(self, depth: int) -> Sample:
        operator = self.random.choice(["||", "&&"])
        level, stop = self.levels[operator], operator == "||"
        operands = [self.condition(depth - 1) for _ in range(self.random.choice([2, 2, 3]))]
        spelled = self.random.choice([operator, "or" if stop else "and"])
        pairs = [one.within(level if number == 0 else level + 1) for number, one in enumerate(operands)]

        def value(row: Row) -> Any:
            found = [one.value(row) for one in operands]
            return stop if stop in found else None if None in found else not stop

        texts = f" {spelled} ".join(ours for ours, _ in pairs), f" {operator} ".join(cel for _, cel in pairs)
        return Sample(texts[0], level, texts[1], level, value)

    def inversion(self, depth: int) -> Sample:
        inner = self.condition(depth - 1)
        word = self.random.random() < 0.4
        ours, _ = inner.within(NOT if word else UNARY)
        _, cel = inner.within(UNARY)

        def value(row: Row) -> Any:
            found = inner.value(row)
            return None if found is None else not found

        return Sample(f"not {ours}" if word else f"!{ours}", NOT if word else UNARY, f"!{cel}", UNARY, value)

    def selection(self, depth: int) -> Sample:
        return self.select(*(self.condition(depth - 1) for _ in range(3)))

    def select(self, condition: Sample, then: Sample, otherwise: Sample) -> Sample:
        parts = [condition.within(OR), then.within(OR), otherwise.within(CONDITIONAL)]

        def value(row: Row) -> Any:
            found = condition.value(row)
            return None if found is None else number((then if found else otherwise).value(row))

        ours, cel = (f"{a} ? {b} : {c}" for a, b, c in zip(*parts, strict=True))
        return Sample(ours, CONDITIONAL, cel, CONDITIONAL, value)

    def compare(self, operator: str, left: Sample, right: Sample, *, exact: bool = False) -> Sample:
        pairs = left.within(RELATION), right.within(SUM)

        def value(row: Row) -> Any:
            sides = [side.value(row) for side in (left, right)]
            if not exact:
                sides = [nearest(side) for side in sides]
            return at_least_compared(ORDER[operator], *sides)

        ours, cel = (f"{a} {operator} {b}" for a, b in zip(*pairs, strict=True))
        return Sample(ours, RELATION, cel, RELATION, value)

    def equal_conditions(self, depth: int) -> Sample:
        return self.compare(self.random.choice(["==", "!="]), self.condition(depth - 1), self.condition(depth - 1))

    def comparison(self, depth: int) -> Sample:
        left, right = self.number(2), self.number(2)
        money = any(KINDS.get(side.text) and KINDS[side.text].value == "money" for side in (left, right))
        exact = money and all(side.bare and self.is_money_or_literal(side) for side in (left, right))
        return self.compare(self.random.choice(list(ORDER)), left, right, exact=exact)

    def money_comparison(self, depth: int) -> Sample:
        name = self.random.choice(["amount", "fee", "sum_1h"])
        left = atom(name, "", lambda row: row.get(name), bare=True)
        other = self.random.choice(["fee", "1000.00000000000000001", "9007199254740993", "1000", "0.3"])

        def read(row: Row) -> Any:
            return row.get("fee") if other == "fee" else Fraction(other)

        sides = self.random.sample([left, atom(other, "", read, bare=True)], 2)
        return self.compare(self.random.choice(list(ORDER)), *sides, exact=True)

    def is_money_or_literal(self, side: Sample) -> bool:
        return side.text not in KINDS or KINDS[side.text].value == "money"

    def number(self, depth: int) -> Sample:
        deep = [self.arithmetic] * 5 + [self.negative, self.function, self.chosen_number]
        deep += [self.modulo] if self.wide else []
        flat = [self.number_name] * 5 + [self.number_literal] * 3 + [self.size, self.clock]
        return self.random.choice(deep if depth > 0 and self.random.random() < 0.5 else flat)(depth)

    def number_name(self, depth: int) -> Sample:
        names = [name for name, kind in KINDS.items() if kind.value in ("money", "number", "integer")]
        name = self.random.choice(names)
        return atom(name, f"f_{name}", lambda row: row.get(name), bare=True)

    def number_literal(self, depth: int) -> Sample:
        texts = ["0", "1", "2.5", "0.1", "0.3", "10.99", "1000", "1000.01", "60", "1e3", "999"]
        texts += ["9007199254740993", "1000.00000000000000001", ".5"] if self.wide else []
        text = self.random.choice(texts)
        cel = text if "." in text or "e" in text else f"{text}.0"
        return atom(text, cel, lambda row: Fraction(text), bare=True)

    def arithmetic(self, depth: int) -> Sample:
        operator = self.random.choice(["+", "-", "*", "/"])
        level = SUM if operator in "+-" else PRODUCT
        left = self.number(depth - 1)
        divisor = operator == "/" and not self.wide  # CEL divides by zero
        right = atom("4", "4.0", lambda row: Fraction(4)) if divisor else self.number(depth - 1)
        pairs = left.within(level), right.within(level + 1)
        compute: Mapping[str, Callable[[Fraction, Fraction], Fraction | None]] = {
            "+": lambda a, b: a + b,
            "-": lambda a, b: a - b,
            "*": lambda a, b: a * b,
            "/": lambda a, b: a / b if b else None,
        }

        def value(row: Row) -> Any:
            a, b = number(left.value(row)), number(right.value(row))
            return None if a is None or b is None else rounded(compute[operator](a, b))

        ours, cel = (f"{a} {operator} {b}" for a, b in zip(*pairs, strict=True))
        return Sample(ours, level, cel, level, value)

    def modulo(self, depth: int) -> Sample:
        left, right = self.random.choice(["items", "count_1h", "7", "size(payee)"]), self.random.choice(["items", "3"])
        read = {"7": 7, "3": 3}

        def side(name: str, row: Row) -> Any:
            if name == "size(payee)":
                return None if row.get("payee") is None else Fraction(len(row["payee"]))
            return Fraction(read[name]) if name in read else number(row.get(name))

        def value(row: Row) -> Any:
            return remainder(side(left, row), side(right, row))

        return Sample(f"{left} % {right}", PRODUCT, "", PRODUCT, value)

    def negative(self, depth: int) -> Sample:
        inner = self.number(depth - 1)
        ours, cel = inner.within(UNARY)

        def value(row: Row) -> Any:
            found = inner.value(row) if inner.text not in KINDS else number(inner.value(row))
            return None if found is None else -found

        literal = inner.bare and inner.text not in KINDS
        return Sample(f"-{ours}", UNARY, f"-{cel}", UNARY, value, bare=literal)

    def function(self, depth: int) -> Sample:
        name, cel = self.random.choice([("abs", "math.abs"), ("min", "math.least"), ("max", "math.greatest")])
        operands = [self.number(depth - 1) for _ in range(1 if name == "abs" else self.random.choice([2, 3]))]
        functions: dict[str, Callable[..., Any]] = {"abs": abs, "min": min, "max": max}
        compute = functions[name]

        def value(row: Row) -> Any:
            found = [number(one.value(row)) for one in operands]
            return None if None in found else compute(*found)

        return atom(
            f"{name}({', '.join(one.text for one in operands)})",
            f"{cel}({', '.join(one.cel for one in operands)})",
            value,
        )

    def chosen_number(self, depth: int) -> Sample:
        return self.select(self.condition(0), self.number(depth - 1), self.number(depth - 1))

    def size(self, depth: int) -> Sample:
        text = self.text(1)

        def value(row: Row) -> Any:
            found = text.value(row)
            return None if found is None else Fraction(len(found))

        return atom(f"size({text.text})", f"double(size({text.cel}))", value)

    def clock(self, depth: int) -> Sample:
        name, zone = self.random.choice(["paid_at", "opened_at"]), self.random.choice(ZONES)
        if self.random.random() < 0.5:
            part, cel = "hour", f'double(f_{name}.getHours("{zone}"))'
        else:
            part, cel = "weekday", f'double((f_{name}.getDayOfWeek("{zone}") + 6) % 7 + 1)'
        spelled = f"{part}({name})" if zone == "Europe/Berlin" else f'{part}({name}, "{zone}")'

        def value(row: Row) -> Any:
            if row.get(name) is None:
                return None
            local = row[name].astimezone(ZoneInfo(zone))
            return Fraction(local.hour if part == "hour" else local.weekday() + 1)

        return atom(spelled, cel, value)

    def text(self, depth: int) -> Sample:
        if depth > 0 and self.random.random() < 0.2:
            inner = self.text(depth - 1)

            def lower(row: Row) -> Any:
                found = inner.value(row)
                return found and "".join(one.lower() if one.isascii() else one for one in found)

            return atom(f"{inner.text}.lowerAscii()", f"{inner.cel}.lowerAscii()", lower)
        if self.random.random() < 0.6:
            name = self.random.choice(["kind", "payee"])
            return atom(name, f"f_{name}", lambda row: row.get(name), bare=True)
        literal = self.random.choice(TEXTS + KIND_TEXTS)
        return atom(json.dumps(literal), json.dumps(literal), lambda row: literal)

    def text_comparison(self, depth: int) -> Sample:
        return self.compare(self.random.choice(["==", "!="]), self.text(1), self.text(1))

    def text_test(self, depth: int) -> Sample:
        name = self.random.choice(["startsWith", "endsWith", "contains"])
        text, sought = self.text(1), self.text(1)

        def value(row: Row) -> Any:
            whole, part = text.value(row), sought.value(row)
            if whole is None or part is None:
                return None
            tests = {"startsWith": whole[: len(part)] == part, "contains": whole.find(part) >= 0}
            return {**tests, "endsWith": whole[len(whole) - len(part) :] == part and len(part) <= len(whole)}[name]

        return atom(f"{text.text}.{name}({sought.text})", f"{text.cel}.{name}({sought.cel})", value)

    def among(self, depth: int) -> Sample:
        if self.random.random() < 0.5:
            sought, literals = self.text(1), [self.text(0) for _ in range(3)]
            literals = [one for one in literals if not one.bare]
        else:
            sought, literals = self.number(1), [self.number_literal(0) for _ in range(self.random.choice([0, 1, 3]))]
        exact = sought.bare and sought.text in KINDS and KINDS[sought.text].value == "money"

        def value(row: Row) -> Any:
            found = (unrounded if exact else number)(sought.value(row))
            return (
                None
                if found is None
                else found in [(unrounded if exact else number)(one.value(row)) for one in literals]
            )

        ours, cel = sought.within(RELATION)
        texts = ", ".join(one.text for one in literals), ", ".join(one.cel for one in literals)
        return Sample(f"{ours} in [{texts[0]}]", RELATION, f"{cel} in [{texts[1]}]", RELATION, value)

    def listed(self, depth: int) -> Sample:
        name, lists = self.random.choice(["kind", "payee"]), self.random.choice(["trusted", "blocked", "absent"])
        lower = self.random.random() < 0.4

        def value(row: Row) -> Any:
            found = row.get(name)
            if found is None or lists not in LISTS:
                return None
            text = "".join(one.lower() if one.isascii() else one for one in found) if lower else found
            return text in LISTS[lists]

        return Sample(f"{name}{'.lowerAscii()' if lower else ''} in lists.{lists}", RELATION, "", RELATION, value)

    def presence(self, depth: int) -> Sample:
        name = self.random.choice([name for name in KINDS if name != "risk"])

        def value(row: Row) -> Any:
            return None if name in row["unread"] else row.get(name) is not None

        return atom(f"has({name})", f"has(p.{name})", value)

    def flag(self, depth: int) -> Sample:
        if self.random.random() < 0.2:
            return self.random.choice(
                [atom("true", "true", lambda row: True), atom("false", "false", lambda row: False)]
            )
        return atom("known", "f_known", lambda row: row.get("known"), bare=True)

    def elapsed(self, depth: int) -> Sample:
        text, length = self.random.choice(
            [("72h", timedelta(hours=72)), ("1h30m", timedelta(minutes=90)), ("-1.5s", timedelta(seconds=-1.5))]
        )
        first, second = self.random.sample(["paid_at", "opened_at"], 2)

        def gone(row: Row) -> Any:
            later, earlier = row.get(first), row.get(second)
            return None if later is None or earlier is None else later - earlier

        left = Sample(f"{first} - {second}", SUM, f"f_{first} - f_{second}", SUM, gone)
        right = atom(f'duration("{text}")', f'duration("{text}")', lambda row: length)
        return self.compare(self.random.choice(list(ORDER)), left, right)


def number(found: Any) -> Any:
    """A value that is computed with: a number as the nearest float64; what is only so much or more has none."""
    return None if isinstance(found, Least) else nearest(found)


def unrounded(found: Any) -> Any:
    """A value that is compared as it is."""
    return None if isinstance(found, Least) else found


def nearest(found: Any) -> Any:
    """A value that is compared: a number as the nearest float64."""
    if isinstance(found, Least):
        return Least(Fraction(float(found.least)))
    return rounded(found) if isinstance(found, Fraction) else found
