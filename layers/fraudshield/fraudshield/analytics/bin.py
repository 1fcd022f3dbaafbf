"""The bins that counts are kept in: of scores, amounts and the delay of labels. Their edges are part of what is stored.

A change of them starts new counts: what was counted before stays under the old numbers.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from fraudshield.predictor.forest import STEPS

# Lower edges in ten-thousandths: twenty bands of 0.05, the two lowest split further, because frauds are rare and most
# scores lie there.
SCORE_EDGES = (0, 1, 10, 30, 100, 300, 500, 700, *range(1000, STEPS, 500))
BAND_STEPS = 500  # of a band of the risk distribution
AMOUNT_EDGES = (0, 10, 100, 1_000, 10_000, 100_000, 1_000_000)  # lower edges in the account's currency
LAGS = (timedelta(days=1), timedelta(days=7), timedelta(days=30), timedelta(days=90))  # upper edges, included


def score_bin(risk: Decimal) -> int:
    """The number of the bin of a risk."""
    return bisect_right(SCORE_EDGES, int(risk * STEPS)) - 1


def amount_bin(amount: Decimal) -> int:
    """The number of the bin of an amount."""
    return bisect_right(AMOUNT_EDGES, amount) - 1


def lag_bin(lag: timedelta) -> int:
    """The number of the bin of the time from a transaction to its label."""
    return bisect_left(LAGS, lag)


def score_bounds(number: int) -> tuple[float, float]:
    """From where (included) to where a bin goes; the last one includes 1."""
    upper = SCORE_EDGES[number + 1] if number + 1 < len(SCORE_EDGES) else STEPS
    return SCORE_EDGES[number] / STEPS, upper / STEPS


def score_bands() -> Iterator[tuple[float, float, tuple[int, ...]]]:
    """The twenty bands: from, to, and the bins that each is made of."""
    for lower in range(0, STEPS, BAND_STEPS):
        inside = (number for number, edge in enumerate(SCORE_EDGES) if lower <= edge < lower + BAND_STEPS)
        yield lower / STEPS, (lower + BAND_STEPS) / STEPS, tuple(inside)
