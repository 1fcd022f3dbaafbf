"""Numbers as JSON has them: each that an encoder writes is taken, exactly, and a whole one however it is spelled."""

from decimal import Context, Decimal

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

MAX_DIGITS = 28  # significant ones, more than a float64 has; DynamoDB keeps 38
MOST_EXPONENT = 120  # in either direction: DynamoDB keeps 1e-130 to 1e126, and sums and differences want some room
LEAST = 1e-120  # in size; what is smaller is 0
ZERO = Decimal(0)
BEYOND = Decimal(10) ** (MOST_EXPONENT + 1)  # more than the bounds of any field
KEPT = Context(prec=MAX_DIGITS)


def exact(value: object) -> Decimal:
    """A JSON number (an `int` or a `Decimal`, never a `float` or a `bool`) as one decimal, in one spelling.

    It is exact up to `MAX_DIGITS` significant digits, to which longer ones are rounded. What is smaller in size than
    1e-120 is what a float's arithmetic leaves of nothing, and becomes 0. Raises PydanticCustomError.
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise PydanticCustomError("money_type", "Input should be a JSON number")
    number = Decimal(value)
    if not number.is_finite():
        raise PydanticCustomError("money_finite", "Input should be a finite number")
    if not number or number.adjusted() < -MOST_EXPONENT:
        return ZERO  # -0 too
    if number.adjusted() > MOST_EXPONENT:
        raise PydanticCustomError("money_digits", "Input should be less than 1e120 in size")
    return number.normalize(KEPT)  # one spelling for 1000, 1000.0 and 1e3


def whole(value: object) -> object:
    """A number without a fraction as an `int`: to JSON Schema 1.0 and 1e0 are integers. All else as it is."""
    if isinstance(value, Decimal) and value.is_finite():
        bounded = max(min(value, BEYOND), -BEYOND)  # a larger one would take its exponent in memory
        if bounded == bounded.to_integral_value():
            return int(bounded)
    return value


WHOLE = BeforeValidator(whole)  # beside `Field(strict=True)`, which refuses texts, booleans and 1.5
