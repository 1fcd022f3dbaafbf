"""moto's CloudWatch with values counted by the minute: it keeps an object for each, and knows no percentiles.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.cloudwatch.exceptions import ValidationError

MINUTE_S = 60
KEPT = timedelta(days=8)  # so that a week ago is still there

Name = tuple[str, str, frozenset[tuple[str, str]]]  # namespace, metric, dimensions
Values = Counter[float]


class MetricStore:
    """Values of every metric by the minute."""

    def __init__(self) -> None:
        self._minutes: dict[Name, dict[int, Values]] = defaultdict(dict)

    def put(self, namespace: str, datum: Mapping[str, Any]) -> None:
        """Take one entry of PutMetricData: a Value, or Values with their Counts."""
        values = datum.get("Values") or [datum.get("Value", 0)]
        counts = datum.get("Counts") or [1] * len(values)
        at = datum.get("Timestamp") or datetime.now(UTC)
        minute = int(_aware(at).timestamp()) // MINUTE_S
        minutes = self._minutes[_name(namespace, datum["MetricName"], datum.get("Dimensions", ()))]
        counted = minutes.setdefault(minute, Counter())
        for value, count in zip(values, counts, strict=True):
            counted[float(value)] += int(float(count))
        oldest = minute - int(KEPT.total_seconds()) // MINUTE_S
        for past in [one for one in minutes if one < oldest]:
            del minutes[past]

    def read(self, query: Mapping[str, Any], since: datetime, until: datetime) -> list[tuple[datetime, float]]:
        """The periods of one MetricStat that hold anything, oldest first."""
        metric, period_s = query["Metric"], int(query["Period"])
        minutes = self._minutes.get(_name(metric["Namespace"], metric["MetricName"], metric.get("Dimensions", ())), {})
        first, last = _aware(since).timestamp(), _aware(until).timestamp()
        periods: dict[int, Values] = defaultdict(Counter)
        for minute, values in minutes.items():
            if first - MINUTE_S < minute * MINUTE_S < last:
                periods[minute * MINUTE_S // period_s].update(values)
        return [
            (datetime.fromtimestamp(number * period_s, UTC), statistic(query["Stat"], values))
            for number, values in sorted(periods.items())
        ]


def statistic(name: str, values: Values) -> float:
    """The statistic of some values: `Sum`, `Average`, `Minimum`, `Maximum`, `SampleCount` or a percentile as `p99`."""
    number = values.total()
    total = sum(value * count for value, count in values.items())
    plain = {"Sum": total, "Average": total / number, "SampleCount": float(number)}
    if name in plain:
        return plain[name]
    if name in {"Minimum", "Maximum"}:
        return (min if name == "Minimum" else max)(values)
    if name.startswith("p"):
        return _percentile(values, float(name[1:]) / 100 * number)
    raise ValidationError(f"The laptop does not know the statistic {name}")


def put_metric_data(backend: Any, namespace: str, metric_data: Iterable[Mapping[str, Any]]) -> None:
    """Replaces moto's: counts values by the minute."""
    for datum in metric_data:
        _store(backend).put(namespace, datum)


def get_metric_data(
    backend: Any, queries: list[dict[str, Any]], start_time: datetime, end_time: datetime, scan_by: str = ""
) -> list[dict[str, Any]]:
    """Replaces moto's. It knows metrics only: an expression is refused."""
    results = []
    for query in queries:
        if "MetricStat" not in query:
            raise ValidationError("The laptop computes no expressions over metrics")
        points = _store(backend).read(query["MetricStat"], start_time, end_time)
        points = points[::-1] if scan_by == "TimestampDescending" else points
        results.append(
            {
                "id": query["Id"],
                "label": query.get("Label") or query["MetricStat"]["Metric"]["MetricName"],
                "timestamps": [at for at, _ in points],
                "values": [value for _, value in points],
                "status_code": "Complete",
            }
        )
    return results


def _store(backend: Any) -> MetricStore:
    if "minutes" not in backend.__dict__:
        backend.minutes = MetricStore()
    store: MetricStore = backend.minutes
    return store


def _name(namespace: str, metric: str, dimensions: Iterable[Mapping[str, str]]) -> Name:
    return namespace, metric, frozenset((one["Name"], one["Value"]) for one in dimensions)


def _percentile(values: Values, rank: float) -> float:
    seen = 0
    for value in sorted(values):
        seen += values[value]
        if seen >= rank:
            return value
    return max(values)


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
