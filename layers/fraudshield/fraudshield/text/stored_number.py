"""Numbers as DynamoDB keeps them: 38 digits, 1e-130 and more in size. It needs no pydantic: streams read it too."""

from collections.abc import Mapping
from decimal import Context, Decimal
from math import copysign, isnan, nan
from typing import Any

LEAST, MOST = 1e-130, 1e37  # of a float, whose digits come back plainly: boto3 reads no more than 38
SUM_DECIMALS = 20  # with 15 digits before the point no sum of amounts has more than 38
UNIT = Decimal(1).scaleb(-SUM_DECIMALS)
EXACT = Context(prec=60)
PLAIN_DECIMALS = 40  # more than a number of before could have


def summand(number: Decimal) -> Decimal:
    """An amount as it is added to others: to twenty decimals, so that no sum has more digits than DynamoDB keeps."""
    _, _, exponent = number.as_tuple()
    return number if int(exponent) >= -SUM_DECIMALS else number.quantize(UNIT, context=EXACT).normalize(EXACT)


def stored_number(number: Decimal) -> str:
    """A number as DynamoDB is given it: plainly, as every item of ours has it, but for those of very many decimals."""
    return format(number, "f") if int(number.as_tuple().exponent) >= -PLAIN_DECIMALS else str(number)


def stored_float(number: float) -> str:
    """A float as DynamoDB is given it: one out of its range as the nearest that it keeps, on the same side of 0."""
    size = abs(number)
    if number == 0 or LEAST <= size <= MOST:
        return repr(number)
    return repr(copysign(min(max(size, LEAST), MOST), number))


def number_attribute(number: float) -> dict[str, Any]:
    """A float as an attribute of DynamoDB, which keeps no NaN: that is a null."""
    return {"NULL": True} if isnan(number) else {"N": stored_float(number)}


def number_in(attribute: Mapping[str, Any]) -> float:
    """What `number_attribute` was given."""
    return nan if "NULL" in attribute else float(attribute["N"])
