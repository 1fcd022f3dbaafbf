"""Arithmetic in float64: what has no finite result has no value."""

import math
from collections.abc import Callable, Mapping
from operator import add, mul, sub, truediv

from fraudshield.expression.reading import DIVISION_BY_ZERO, OVERFLOW, NotEvaluated
from fraudshield.expression.tree import NumberFunction, Operator

COMPUTE: Mapping[Operator, Callable[[float, float], float]] = {"+": add, "-": sub, "*": mul, "/": truediv}
COMPUTE = {**COMPUTE, "%": math.fmod}
CHOOSE: Mapping[NumberFunction, Callable[..., float]] = {"abs": abs, "min": min, "max": max}
BY_ZERO = NotEvaluated(DIVISION_BY_ZERO)
TOO_LARGE = NotEvaluated(OVERFLOW)


def computation(operator: Operator) -> Callable[[float, float], float | NotEvaluated]:
    """The function of an operator."""
    compute, divides = COMPUTE[operator], operator in ("/", "%")

    def computed(left: float, right: float) -> float | NotEvaluated:
        if divides and right == 0:
            return BY_ZERO
        number = compute(left, right)
        return number if math.isfinite(number) else TOO_LARGE

    return computed


def finite(compute: Callable[[], float], too_large: NotEvaluated = TOO_LARGE) -> float | NotEvaluated:
    """A number, or that it is too large."""
    try:
        number = compute()
    except OverflowError:
        return too_large
    return number if math.isfinite(number) else too_large
