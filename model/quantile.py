"""Amounts of money drawn from quantiles, in whole cents.

All integers from the random bits on: the same draw is the same amount on every machine. Exponentials are used only
to build the few thousand knots, which are rounded to the cent.
"""

from collections.abc import Mapping
from math import exp, expm1, log1p
from statistics import NormalDist
from typing import Self

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

CELL_BITS = 12
FRACTION_BITS = 20  # knots up to 10**12 cents times 2**20 stay inside int64
FRACTION_MASK = (1 << FRACTION_BITS) - 1
CELLS = 1 << CELL_BITS


class Quantiles:
    """An inverse distribution function: `CELLS` + 1 knots of equal probability, straight between them."""

    def __init__(self, knots: list[int]) -> None:
        self._knots: Integers = np.array(knots, np.int64)

    @classmethod
    def published(cls, table: Mapping[str, float], zeros: float = 0.0) -> Self:
        """From quantiles in money by probability, straight in log(1 + money) between them.

        `zeros` is the share of exact zeros in the table; they are left out and the rest fills 0..1.
        """
        points = [(0.0, 1.0)] if zeros else []
        points += [((float(p) - zeros) / (1 - zeros), v) for p, v in table.items() if float(p) > zeros or not zeros]
        shares = [p for p, _ in points]
        logs = [log1p(v) for _, v in points]
        return cls([round(100 * expm1(np.interp(cell / CELLS, shares, logs))) for cell in range(CELLS + 1)])

    @classmethod
    def lognormal(cls, median: float, sigma: float) -> Self:
        """Log-normal with this median in money, cut at 1/(2 `CELLS`) on both sides."""
        normal = NormalDist()
        edges = [min(max(cell / CELLS, 0.5 / CELLS), 1 - 0.5 / CELLS) for cell in range(CELLS + 1)]
        return cls([round(100 * median * exp(sigma * normal.inv_cdf(edge))) for edge in edges])

    def draw(self, rng: np.random.Generator, size: int) -> Integers:
        """`size` amounts in cents."""
        bits = rng.integers(0, 1 << (CELL_BITS + FRACTION_BITS), size)
        cell = bits >> FRACTION_BITS
        low: Integers = self._knots[cell]
        within: Integers = (self._knots[cell + 1] - low) * (bits & FRACTION_MASK) >> FRACTION_BITS
        return np.add(low, within, dtype=np.int64)
