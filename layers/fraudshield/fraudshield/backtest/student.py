"""Quantiles of Student's t distribution, without scipy: what is computed from them is tested against it."""

from functools import lru_cache
from math import atan, cos, pi, sin, sqrt
from statistics import NormalDist

EXACT_DEGREES = 200  # up to here the distribution is a finite sum; beyond it the expansion is as good
FARTHEST = 1e7  # at one degree of freedom this is the quantile of 0.99999997
HALVINGS = 80


@lru_cache(1024)
def t_quantile(probability: float, degrees: int) -> float:
    """The t that is not exceeded with this probability, from a half up to 0.9999999, at so many degrees of freedom."""
    if degrees > EXACT_DEGREES:
        return _expanded(NormalDist().inv_cdf(probability), degrees)
    low, high = 0.0, FARTHEST
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if t_distribution(middle, degrees) < probability else (low, middle)
    return (low + high) / 2


def t_distribution(t: float, degrees: int) -> float:
    """The probability of at most `t`, by the finite sums of Abramowitz and Stegun 26.7.3 and 26.7.4."""
    angle = atan(t / sqrt(degrees))
    if degrees == 1:
        return 0.5 + angle / pi
    squared = cos(angle) ** 2
    odd = degrees % 2
    term: float = cos(angle) if odd else 1.0
    total = term
    for step in range(2 + odd, degrees - 1, 2):
        term *= squared * (step - 1) / step
        total += term
    between = 2 / pi * (angle + sin(angle) * total) if odd else sin(angle) * total
    return 0.5 + between / 2


def _expanded(z: float, degrees: int) -> float:
    """The expansion of Cornish and Fisher, Abramowitz and Stegun 26.7.5."""
    terms: tuple[float, ...] = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + sum(term / float(degrees) ** power for power, term in enumerate(terms, 1))
