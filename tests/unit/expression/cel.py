"""Google's evaluation of the same expressions."""

from collections.abc import Mapping
from decimal import Decimal
from random import Random
from typing import Any

from cel_expr_python import cel
from cel_expr_python.ext import ext_math, ext_strings

from fraudshield.expression.expression import feature
from fraudshield.expression.names import Environment, Kind
from tests.unit.expression.agreement import Evaluate, comparable, quickly, samples
from tests.unit.expression.random_expression import LEVELS
from tests.unit.expression.random_value import ENVIRONMENT, KINDS, payment

TYPES = {
    Kind.TEXT: cel.Type.STRING,
    Kind.CATEGORY: cel.Type.STRING,
    Kind.BOOLEAN: cel.Type.BOOL,
    Kind.INSTANT: cel.Type.TIMESTAMP,
}
# Names are escaped, for CEL reserves some; `p` is what has() looks into.
VARIABLES = {f"f_{name}": TYPES.get(kind, cel.Type.DOUBLE) for name, kind in KINDS.items()} | {"p": cel.Type.DYN}
CEL = cel.NewEnv(variables=VARIABLES, extensions=[ext_math.ExtMath(), ext_strings.ExtStrings()])


def differences_from_cel(
    count: int,
    seed: int,
    evaluate: Evaluate = quickly,
    environment: Environment = ENVIRONMENT,
    levels: Mapping[str, int] = LEVELS,
) -> list[str]:
    """Each expression with a payment for which Google's engine says something else."""
    random, found = Random(seed), []
    for sample in samples(count, seed, wide=False, levels=levels):
        expression, theirs = feature(sample.text, environment), CEL.compile(sample.cel)
        values = payment(random, wide=False)
        ours, other = evaluate(expression, values), value(theirs.eval(data=activation(values)))
        if comparable(ours) != comparable(other):
            found.append(f"{sample.text}  {sample.cel}  {values}  {ours!r} instead of {other!r}")
    return found


def value(given: Any) -> Any:
    return None if given.type() == cel.Type.ERROR else given.value()


def activation(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that are there: numbers as doubles."""
    there = {name: _double(one) for name, one in values.items() if one is not None}
    return {f"f_{name}": one for name, one in there.items()} | {"p": dict.fromkeys(there, True)}


def _double(value: Any) -> Any:
    return float(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value
