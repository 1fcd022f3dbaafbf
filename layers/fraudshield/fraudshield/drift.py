"""Drift: how far the scores and features of today lie from those that the model was trained on.

The population stability index, the symmetric sum over bins of (now - then) * ln(now / then): below 0.1 nothing has
happened, from 0.25 on the population is another (Siddiqi, Credit Risk Scorecards, 2006).
"""

from collections.abc import Mapping
from math import log

from fraudshield.ports import Counters
from fraudshield.reference import RISK, Histogram, Reference

ENOUGH = 1000  # decisions of a day; of fewer, chance alone moves ten bins by 0.01 and more
LEAST = 0.0001  # in place of an empty bin's share, so that one transaction there is not infinitely much


def drift(counted: Counters, reference: Reference) -> Mapping[str, float]:
    """The index of `RISK` and of each feature; nothing where too little was counted to compare."""
    if counted.get("decisions", 0) < ENOUGH:
        return {}
    names = (RISK, *reference.features)
    pairs = zip(names, reference.histograms.items(), strict=True)
    found = {name: index(_shares(counted, prefix, one), one.shares) for name, (prefix, one) in pairs}
    return {name: round(value, 4) for name, value in found.items() if value is not None}


def index(now: tuple[float, ...] | None, then: tuple[float, ...]) -> float | None:
    """The population stability index of two distributions over the same bins; None where there is none now."""
    if now is None:
        return None
    pairs = ((max(a, LEAST), max(b, LEAST)) for a, b in zip(now, then, strict=True))
    return sum((a - b) * log(a / b) for a, b in pairs)


def _shares(counted: Counters, prefix: str, histogram: Histogram) -> tuple[float, ...] | None:
    counts = [float(counted.get(f"{prefix}.{at}", 0)) for at in range(len(histogram.shares))]
    return tuple(count / sum(counts) for count in counts) if sum(counts) else None
