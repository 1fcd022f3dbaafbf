"""Numbers of a column as whole ones of one scale, so that any of them can be added up exactly."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fraudshield.expression.column import Column, Truths
from fraudshield.text.stored_number import EXACT, SUM_DECIMALS, summand

PLAIN_DECIMALS = 6  # of most money: then 64 bits hold each number, and sums of a thousand of them
MOST_WHOLE = 1e15  # fifteen digits, which a float64 tells apart


@dataclass(frozen=True, slots=True, eq=False)
class Scaled:
    """`wholes` are the numbers times ten to the `decimals`, 0 where there is none."""

    wholes: NDArray[Any]
    present: Truths
    decimals: int

    def sum(self, rows: NDArray[np.intp]) -> Decimal:
        """What these rows add up to."""
        return Decimal(int(self.wholes[rows].sum())).scaleb(-self.decimals, EXACT)

    def count(self, rows: NDArray[np.intp]) -> int:
        """How many of these rows have a number."""
        return int(np.count_nonzero(self.present[rows]))


def scaled(column: Column) -> Scaled:
    """The numbers of a column, to twenty decimals."""
    values = column.values.astype(np.float64)
    present = np.isfinite(values) if column.present is None else column.present & np.isfinite(values)
    there = np.where(present, values, 0.0)
    for decimals in () if column.exact else range(PLAIN_DECIMALS + 1):
        unit = 10.0**decimals
        wholes = np.rint(there * unit)
        if np.all((np.abs(wholes) < MOST_WHOLE) & (wholes / unit == there)):
            return Scaled(wholes.astype(np.int64), present, decimals)
    each = np.zeros(len(there), object)
    each[:] = [_whole(column.exact.get(row, Decimal(repr(one)))) for row, one in enumerate(there.tolist())]
    return Scaled(each, present, SUM_DECIMALS)


def _whole(number: Decimal) -> int:
    return int(summand(number).scaleb(SUM_DECIMALS, EXACT))
