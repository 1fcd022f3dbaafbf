"""The risk: a calibrated probability, looked up and not computed."""

from bisect import bisect_right
from collections.abc import Sequence

STEPS = 10_000


def risk(cuts: Sequence[float], margin: float) -> float:
    """0..1 in steps of 1/10000: the share of the `STEPS` ascending cuts that are at or below the margin.

    Comparisons only, because two exponential functions differ in the last bit.
    `fraudshield.columns.risk` is the same over columns and is held equal to this by a test.
    """
    return bisect_right(cuts, margin) / STEPS
