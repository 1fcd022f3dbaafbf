"""Metrics of this deployment: their series, and which of them grew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from fraudshield.text.query import Query, Whole
from fraudshield.text.schema import Moment
from fraudshield.text.timestamp import timestamp

ALL = {"scope": "all"}  # the dimension under which every function's values stand together


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of ours and the statistic that is shown. `title` names it in responses."""

    title: str
    name: str
    statistic: str
    unit: str


@dataclass(frozen=True, slots=True)
class Series:
    """A metric's values, each for the period that starts at its time; oldest first."""

    metric: Metric
    points: tuple[tuple[datetime, float], ...]


SHOWN = (
    Metric("requests", "LatencyMs", "SampleCount", "count"),
    Metric("errors", "Errors", "Sum", "count"),
    Metric("latency_p50", "LatencyMs", "p50", "ms"),
    Metric("latency_p95", "LatencyMs", "p95", "ms"),
    Metric("latency_p99", "LatencyMs", "p99", "ms"),
    Metric("approved", "OutcomeApprove", "Sum", "count"),
    Metric("reviewed", "OutcomeReview", "Sum", "count"),
    Metric("blocked", "OutcomeBlock", "Sum", "count"),
    Metric("degraded_answers", "DegradedAnswer", "Sum", "count"),
    Metric("parked_records", "ParkedRecord", "Sum", "count"),
    Metric("conflicts", "TransactionConflict", "Sum", "count"),
    Metric("cpu", "CpuPercent", "Maximum", "percent"),
    Metric("memory", "MemoryPercent", "Maximum", "percent"),
    Metric("disk", "DiskPercent", "Maximum", "percent"),
    Metric("unhealthy_services", "UnhealthyServices", "Maximum", "count"),
    Metric("dead_letters", "DeadLetters", "Maximum", "count"),
)
RESOURCES = tuple(metric for metric in SHOWN if metric.unit == "percent")


class HoursQuery(Query):
    """How far back to look: up to a week."""

    hours: Annotated[Whole, Field(ge=1, le=168)] = 24


class Point(TypedDict):
    """The value for the period that starts at `at`."""

    at: Moment
    value: float


class SeriesObject(TypedDict):
    """A metric over time; periods in which nothing was counted are left out."""

    statistic: str
    unit: str
    points: list[Point]


class MetricsResponse(TypedDict):
    """All metrics. `latest` has the newest value of each, null where there is none."""

    metrics: dict[str, SeriesObject]
    latest: dict[str, float | None]
    hours: int
    period_s: int
    timestamp: Moment


def period(hours: int) -> timedelta:
    """Returns a period as fine as about 170 points allow: 5 minutes for half a day, an hour for a week."""
    return timedelta(minutes=5) if hours <= 14 else timedelta(minutes=15) if hours <= 48 else timedelta(hours=1)


def metrics_response(series: Sequence[Series], hours: int, now: datetime) -> MetricsResponse:
    """Returns the response of `GET /metrics`."""
    return {
        "metrics": {one.metric.title: _series(one) for one in series},
        "latest": {one.metric.title: one.points[-1][1] if one.points else None for one in series},
        "hours": hours,
        "period_s": int(period(hours).total_seconds()),
        "timestamp": timestamp(now),
    }


def latest(series: Sequence[Series]) -> Mapping[str, float]:
    """Returns the newest value of each metric that has one."""
    return {one.metric.title: one.points[-1][1] for one in series if one.points}


def _series(one: Series) -> SeriesObject:
    points: list[Point] = [{"at": timestamp(at), "value": value} for at, value in one.points]
    return {"statistic": one.metric.statistic, "unit": one.metric.unit, "points": points}


WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)
ENOUGH = 100  # requests or decisions in either hour; of fewer, one slow response makes a ratio
SMOOTHING = 0.001  # added to both rates, so that one block after none is not infinitely more
WATCHED = (
    Metric("requests", "LatencyMs", "SampleCount", "count"),
    Metric("latency", "LatencyMs", "p95", "ms"),
    Metric("approved", "OutcomeApprove", "Sum", "count"),
    Metric("reviewed", "OutcomeReview", "Sum", "count"),
    Metric("blocked", "OutcomeBlock", "Sum", "count"),
)


def ratios(now: Sequence[Series], before: Sequence[Series]) -> Mapping[str, float]:
    """Returns `LatencyRatio` and `BlockRateRatio`, each only where both hours hold enough to compare."""
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
