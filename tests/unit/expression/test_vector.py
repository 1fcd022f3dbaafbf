"""Many features at once: by one function for a payment and over columns, each what it is by itself, bit for bit."""

import ast
import struct
from collections.abc import Sequence
from decimal import Decimal
from math import nan
from random import Random
from typing import Any

import pytest

from fraudshield.expression.column import column
from fraudshield.expression.expression import Expression, feature
from fraudshield.expression.matrix import matrix
from fraudshield.expression.names import Environment, Kind
from fraudshield.expression.reading import AtLeast, NotEvaluated, Unread
from fraudshield.expression.vector import Component, source, vector
from tests.unit.expression.random_expression import Expressions
from tests.unit.expression.random_value import ENVIRONMENT, KINDS, payment
from tests.unit.expression.test_generated import OURS, strangers

NAMES = Environment({"a": Kind.MONEY, "b": Kind.NUMBER, "c": Kind.CATEGORY, "d": Kind.BOOLEAN, "t": Kind.TEXT})
RANKS = {"x": 1.0, "y": 2.0}


def components(*texts: str, names: Environment = NAMES) -> list[Component]:
    return [Component(feature(text, names), RANKS if text == "c" else {}) for text in texts]


def bits(numbers: Sequence[float]) -> list[bytes]:
    return [struct.pack("d", nan if one != one else one) for one in numbers]  # noqa: PLR0124 one NaN for all


def alone(expression: Expression, values: Any) -> float:
    found = expression.evaluate(values)
    return nan if isinstance(found, NotEvaluated) else float(found)


def differences(rounds: int, seed: int) -> list[str]:
    """Features of which the function, the matrix and each expression by itself say something different."""
    random, found = Random(seed), []
    made = Expressions(random, wide=True)
    while rounds:
        texts = [(made.number if random.random() < 0.6 else made.condition)(3).text for _ in range(6)]
        if any("lists." in text or "risk" in text or len(text) > 600 for text in texts):
            continue
        rounds -= 1
        texts += [f"({texts[0]}) == ({texts[0]})" if "'" not in texts[0] else texts[0], texts[1]]
        each = components(*texts, names=ENVIRONMENT)
        together, payments = vector(each), [payment(random, wide=True) for _ in range(20)]
        table = {name: column(kind, [one.get(name) for one in payments]) for name, kind in KINDS.items()}
        whole = matrix(each, table, len(payments)).tolist()
        for values, row in zip(payments, whole, strict=True):
            by_itself = [alone(one.expression, values) for one in each]
            if not bits(together(values)) == bits(by_itself) == bits(row):
                found.append(f"{texts} {values} {together(values)} {by_itself} {row}")
    return found


def test_together_over_columns_and_alone_are_equal_bit_for_bit() -> None:
    assert differences(40, seed=31) == []


@pytest.mark.long
def test_two_thousand_sets_of_features_are_equal_bit_for_bit() -> None:
    assert differences(2000, seed=32) == []


def test_a_field_is_read_once_and_what_is_shared_worked_out_once() -> None:
    reads: list[str] = []

    class Read(dict[str, Any]):
        def __getitem__(self, name: str) -> Any:
            reads.append(name)
            return super().__getitem__(name)

    found = vector(components("a / b", "a / b + 1", "a > 1 && b > 1", "a"))(Read(a=Decimal(4), b=2.0))
    assert (found, sorted(reads)) == ((2.0, 3.0, 1.0, 4.0), ["a", "b"])


def test_a_field_that_is_read_in_one_case_only_may_be_missing_in_the_other() -> None:
    each = vector(components("d ? b : 0", "has(b) ? b : -1", "d || b > 1"))
    assert bits(each({"d": True, "b": None})) == bits((nan, -1.0, 1.0))
    assert each({"d": False})[:2] == (0.0, -1.0)


@pytest.mark.parametrize("odd", [None, Unread(), AtLeast(3)])
def test_what_cannot_be_used_is_missing_for_what_needs_it_alone(odd: Any) -> None:
    found = vector(components("a", "b", "c", "a + b"))({"a": Decimal(1), "b": odd, "c": "y"})
    assert bits(found) == bits((1.0, nan, 2.0, nan))


def test_a_text_without_a_rank_is_missing() -> None:
    assert bits(vector(components("c", "b"))({"b": 1.0, "c": "z"})) == bits((nan, 1.0))


def test_no_features_are_none() -> None:
    assert vector([])({}) == ()


def test_zero_and_minus_zero_are_not_shared() -> None:
    assert bits(vector(components("b * 0", "b * -0.0"))({"b": 1.0})) == bits((0.0, -0.0))


def test_generated_code_holds_nothing_of_the_texts() -> None:
    ours = OURS | {"nan", "one", "zero"}
    names = strangers(ast.parse(source(components("a / b", "c", "t.startsWith('evil')", "a / b > 1", "d"))))
    assert {
        one for one in names if one not in ours and not str(one).startswith(("field_", "number_", "shared_"))
    } == set()
