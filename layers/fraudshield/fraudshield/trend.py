"""This hour against the same hour a week ago: is it slower, does it block more."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from fraudshield.metric import Metric, Series

WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)
ENOUGH = 100  # requests or decisions in either hour; of fewer, one slow answer makes a ratio
SMOOTHING = 0.001  # added to both rates, so that one block after none is not infinitely more

WATCHED = (
    Metric("requests", "LatencyMs", "SampleCount", "count"),
    Metric("latency", "LatencyMs", "p95", "ms"),
    Metric("approved", "OutcomeApprove", "Sum", "count"),
    Metric("reviewed", "OutcomeReview", "Sum", "count"),
    Metric("blocked", "OutcomeBlock", "Sum", "count"),
)


def ratios(now: Sequence[Series], before: Sequence[Series]) -> Mapping[str, float]:
    """`LatencyRatio` and `BlockRateRatio`, each only where both hours hold enough to compare."""
    this, last = _values(now), _values(before)
    found = {}
    if min(this["requests"], last["requests"]) >= ENOUGH and last["latency"] > 0:
        found["LatencyRatio"] = round(this["latency"] / last["latency"], 3)
    if min(_decisions(this), _decisions(last)) >= ENOUGH:
        found["BlockRateRatio"] = round((_block_rate(this) + SMOOTHING) / (_block_rate(last) + SMOOTHING), 3)
    return found


def _values(series: Sequence[Series]) -> dict[str, float]:
    return {one.metric.title: one.points[-1][1] if one.points else 0.0 for one in series}


def _decisions(values: Mapping[str, float]) -> float:
    return values["approved"] + values["reviewed"] + values["blocked"]


def _block_rate(values: Mapping[str, float]) -> float:
    return values["blocked"] / _decisions(values)
