"""Random expressions over random payments: where two evaluations differ."""

import struct
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from random import Random
from typing import Any

from fraudshield.expression import columns
from fraudshield.expression.careful import careful
from fraudshield.expression.column import column
from fraudshield.expression.expression import Expression, condition, feature
from fraudshield.expression.names import Environment
from fraudshield.expression.reading import NotEvaluated
from tests.unit.expression.fraction import Least, row
from tests.unit.expression.random_expression import LEVELS, Expressions, Sample
from tests.unit.expression.random_value import ENVIRONMENT, KINDS, LISTS, payment

Evaluate = Callable[[Expression, Mapping[str, Any]], Any]
LONGEST = 4000


def quickly(expression: Expression, values: Mapping[str, Any]) -> Any:
    return expression.evaluate(values, LISTS)


def samples(count: int, seed: int, *, wide: bool, levels: Mapping[str, int] = LEVELS) -> Iterator[Sample]:
    """Conditions, and a number now and then."""
    random = Random(seed)
    made = Expressions(random, wide=wide, levels=levels)
    while count:
        sample = made.condition(4) if random.random() < 0.8 else made.number(4)
        if len(sample.text) < LONGEST:
            count -= 1
            yield sample


def differences_from_fractions(
    count: int,
    seed: int,
    evaluate: Evaluate = quickly,
    environment: Environment = ENVIRONMENT,
    levels: Mapping[str, int] = LEVELS,
) -> list[str]:
    """Each expression with a payment for which the plain walk says something else."""
    random, found = Random(seed), []
    for sample in samples(count, seed, wide=True, levels=levels):
        expression = feature(sample.text, environment)
        values = payment(random, wide=True)
        ours, theirs = evaluate(expression, values), comparable(sample.value(row(values)))
        if comparable(ours) != theirs:
            found.append(f"{sample.text}  {values}  {ours!r} instead of {theirs!r}")
    return found


def comparable(found: Any) -> Any:
    """A value as both sides have it: a number as a fraction, the nearest to a float64; None where there is none."""
    if isinstance(found, NotEvaluated | Least):
        return None
    number = isinstance(found, float | Fraction) and not isinstance(found, bool)
    return Fraction(float(found)) if number else found


def differences_of_columns(count: int, seed: int, rows: int) -> list[str]:
    """Each expression with a row for which columns and the evaluations of one payment are not equal bit for bit."""
    random, found = Random(seed), []
    for sample in samples(count, seed, wide=True):
        expression = feature(sample.text, ENVIRONMENT)
        payments = [payment(random, wide=True) for _ in range(rows)]
        table = {name: column(kind, [one.get(name) for one in payments]) for name, kind in KINDS.items()}
        lists = {name: columns.query(texts) for name, texts in LISTS.items()}
        whole = columns.columns(expression, table, rows, lists)
        slow = careful(expression.tree)
        for number, values in enumerate(payments):
            whole_value = whole.values[number].item() if hasattr(whole.values[number], "item") else whole.values[number]
            of_columns = whole_value if whole.known[number] else None
            one, again = quickly(expression, values), slow(values, LISTS)
            if not bits(one) == bits(of_columns) == bits(again) or (isinstance(one, NotEvaluated) and one != again):
                found.append(f"{sample.text}  {values}  {one!r} {again!r} {of_columns!r}")
    return found


def bits(found: Any) -> Any:
    """A value so that 0.0 and -0.0, and 1 and True, are different."""
    if isinstance(found, NotEvaluated) or found is None:
        return None
    return struct.pack("d", found) if isinstance(found, float) else (type(found), found)


def held(text: str, values: Mapping[str, Any], environment: Environment = ENVIRONMENT) -> Any:
    """What a condition says of a payment."""
    return condition(text, environment).evaluate(values, LISTS)
