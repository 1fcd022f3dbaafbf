"""Drift: how far the scores and features of today lie from those that the model was trained on.

The population stability index, the symmetric sum over bins of (now - then) * ln(now / then): below 0.1 nothing has
happened, from 0.25 on the population is another (Siddiqi, Credit Risk Scorecards, 2006).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import log

from fraudshield.analytics.port import Aggregates, Counters
from fraudshield.analytics.series import HOURS
from fraudshield.analytics.statistics import summed
from fraudshield.predictor.reference import RISK, Histogram, Reference

ENOUGH = 1000  # decisions of a day; of fewer, chance alone moves ten bins by 0.01 and more
LEAST = 0.0001  # in place of an empty bin's share, so that one transaction there is not infinitely much
WINDOW = timedelta(hours=24)  # a whole day, so that no hour of the day is missing
TRAFFIC = "TrafficDrift"  # the metric of what comes now: features, fields, and how many of it are reviewed
LIVE = ("api", "queue")  # a file's rows are not what comes now


def measured(aggregates: Aggregates, reference: Reference, now: datetime) -> Mapping[str, float]:
    """Over the last 24 hours of `occurred_at`, the one under way included: by the metric's name.

    Only decisions of the reference's own model count: another's have other bins. One read. Raises StoreUnavailable.
    """
    first = now - WINDOW + timedelta(hours=1)
    slices = aggregates.slices(HOURS, f"{first:%Y-%m-%dT%H}", f"{now:%Y-%m-%dT%H}")
    counted = summed(one.counters for one in slices if one.version == reference.version and one.source in LIVE)
    found = drift(counted, reference)
    features = {name: value for name, value in found.items() if name != RISK}
    if not features:
        return {}
    each = {f"Drift{name.title().replace('_', '')}": value for name, value in features.items()}
    return {"ScoreDrift": found[RISK], TRAFFIC: max(features.values()), **each}


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
