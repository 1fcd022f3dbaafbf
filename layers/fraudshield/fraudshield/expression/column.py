"""Values of many payments: columns of fields, and columns of what is worked out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fraudshield.expression.names import NUMBERS, Kind
from fraudshield.expression.reading import AtLeast, Scalar, Unread

Truths = NDArray[np.bool_]
Array = NDArray[Any]
MOST_DIGITS = 15  # so many a float64 tells apart: two decimals of at most these are two float64


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """The values of one field or aggregate, a row each.

    Numbers are float64 (of money the nearest), texts Python's in an array of objects, instants `datetime64[us]` in
    UTC, truth values bool. What is missing is False in `present`, NaN or NaT; of texts None, where there is no
    `present`. `exact` has the decimals of the rows of money beyond 15 digits; `capped` says where a number is so much
    or more, `unread` where it was not read.
    """

    values: Array
    present: Truths | None = None
    exact: Mapping[int, Decimal] = field(default_factory=dict)
    capped: Truths | None = None
    unread: Truths | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Evaluated:
    """What an expression gives: values, and where there is one. Elsewhere the values mean nothing."""

    values: Array
    known: Truths


def column(kind: Kind, values: Sequence[Scalar | Unread | AtLeast | None]) -> Column:
    """The column of values as one payment has them."""
    plain = [one.least if isinstance(one, AtLeast) else None if isinstance(one, Unread) else one for one in values]
    exact = {row: Decimal(one) for row, one in enumerate(plain) if isinstance(one, int | Decimal) and is_long(one)}
    return Column(
        _array(kind, plain),
        np.array([one is not None for one in plain], np.bool_),
        exact if kind is Kind.MONEY else {},
        _where(isinstance(one, AtLeast) for one in values),
        _where(isinstance(one, Unread) for one in values),
    )


def is_long(number: int | Decimal) -> bool:
    """Whether a number has more digits than a float64 tells apart; such rows of money belong into `exact`."""
    digits = "".join(map(str, Decimal(number).as_tuple().digits))
    return len(digits.strip("0")) > MOST_DIGITS


def _where(which: Iterable[bool]) -> Truths:
    return np.array(list(which), np.bool_)


def _array(kind: Kind, values: Sequence[Any]) -> Array:
    if kind in NUMBERS:
        return np.array([np.nan if one is None else _nearest(one) for one in values], np.float64)
    if kind is Kind.BOOLEAN:
        return np.array([bool(one) for one in values], np.bool_)
    if kind is Kind.INSTANT:
        return np.array([_naive(one) for one in values], "datetime64[us]")
    texts = np.empty(len(values), object)
    texts[:] = values
    return texts


def _nearest(number: Any) -> float:
    try:
        return float(number)
    except OverflowError:
        return np.inf


def _naive(instant: datetime | None) -> datetime | None:
    return instant and instant.replace(tzinfo=None)
