"""Five evaluations of random expressions agree: two for a payment, one for a file, Google's CEL, a walk in fractions.

Each comparison is also run against a planted defect, which it has to find.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from fraudshield.expression.expression import Expression, feature
from fraudshield.expression.names import Kind
from fraudshield.expression.reading import NotEvaluated
from tests.unit.expression.agreement import (
    differences_from_fractions,
    differences_of_columns,
    quickly,
    samples,
)
from tests.unit.expression.cel import differences_from_cel
from tests.unit.expression.random_expression import AND, OR
from tests.unit.expression.random_value import ENVIRONMENT, payment

MONEY_AS_FLOAT = replace(
    ENVIRONMENT,
    fields={name: Kind.NUMBER if kind is Kind.MONEY else kind for name, kind in ENVIRONMENT.fields.items()},
    aggregates={"count_1h": Kind.INTEGER, "sum_1h": Kind.NUMBER},
)
WRONG_PRECEDENCE = {"||": AND, "&&": OR}


def missing_is_false(expression: Expression, values: Mapping[str, Any]) -> Any:
    found = quickly(expression, values)
    return False if isinstance(found, NotEvaluated) else found


def missing_decides_junctions(expression: Expression, values: Mapping[str, Any]) -> Any:
    """Null as in SQL functions: where anything is missing there is no value."""
    used = expression.names.fields | expression.names.aggregates
    missing = [name for name in used if values.get(name) is None and f"has({name})" not in expression.text]
    return NotEvaluated("missing", missing[0]) if missing else quickly(expression, values)


def test_random_expressions_say_what_google_s_engine_says() -> None:
    assert differences_from_cel(300, seed=1) == []


def test_random_expressions_say_what_a_walk_in_fractions_says() -> None:
    assert differences_from_fractions(400, seed=2) == []


def test_columns_say_what_every_payment_says_bit_for_bit() -> None:
    assert differences_of_columns(150, seed=3, rows=12) == []


@pytest.mark.long
def test_20_000_random_expressions_say_what_google_s_engine_says() -> None:
    assert differences_from_cel(20_000, seed=11) == []


@pytest.mark.long
def test_20_000_random_expressions_say_what_a_walk_in_fractions_says() -> None:
    assert differences_from_fractions(20_000, seed=12) == []


@pytest.mark.long
def test_columns_say_what_100_000_payments_say_bit_for_bit() -> None:
    assert differences_of_columns(2000, seed=13, rows=50) == []


@pytest.mark.parametrize("planted", [missing_is_false, missing_decides_junctions])
def test_a_wrong_reading_of_what_is_missing_is_found(planted: Any) -> None:
    assert differences_from_cel(100, seed=1, evaluate=planted) != []
    assert differences_from_fractions(100, seed=2, evaluate=planted) != []


def test_money_compared_as_float_is_found() -> None:
    assert differences_from_fractions(200, seed=2, environment=MONEY_AS_FLOAT) != []


def test_a_wrong_precedence_is_found() -> None:
    assert differences_from_fractions(100, seed=2, levels=WRONG_PRECEDENCE) != []


def test_the_random_expressions_decide_both_ways_and_miss_values() -> None:
    random, said = Random(4), Counter[str]()
    for sample in samples(400, seed=4, wide=True):
        found = quickly(feature(sample.text, ENVIRONMENT), payment(random, wide=True))
        said[
            found.code if isinstance(found, NotEvaluated) else str(found) if isinstance(found, bool) else "number"
        ] += 1
    assert min(said["True"], said["False"], said["missing"], said["number"]) >= 20
    assert {"division_by_zero", "history_capped", "list_unread", "no_rate"} <= said.keys()
