"""The one logger and metrics set. Service name and log level come from Powertools' own variables.

Never a name, a balance or a key in either: ids, outcomes, versions, counts and milliseconds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from fraudshield.errors import Malformed

logger = Logger()
metrics = Metrics()  # its namespace, one for each deployment, is a variable of Powertools'


@dataclass(frozen=True, slots=True)
class Call:
    """A request and its answer. `route` is a template, never a path, and empty where API Gateway knows it.

    `key_id` is of the API key, never its value; `failed` is whether the answer is our fault.
    """

    method: str
    route: str
    status: int
    key_id: str
    failed: bool


def observe_request(call: Call, duration_ms: float) -> None:
    """Counts how long a request took, and whether we failed it. The number of durations is that of requests.

    What was called stands beside the metric in its line, under the names that API Gateway's access log has for it.
    """
    told = {"method": call.method, "route": call.route, "status": call.status, "api_key_id": call.key_id}
    for name, value in (told | {"latency_ms": round(duration_ms)} if call.route else {}).items():
        metrics.add_metadata(key=name, value=value)
    if call.failed:
        metrics.add_metric(name="Errors", unit=MetricUnit.Count, value=1)
    metrics.add_metric(name="LatencyMs", unit=MetricUnit.Milliseconds, value=round(duration_ms, 3))


def observe_count(name: str, number: int) -> None:
    """Counts what happened so often."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=number)


def observe_ratio(name: str, ratio: float) -> None:
    """Counts how many times as much something is as it should be."""
    metrics.add_metric(name=name, unit=MetricUnit.NoUnit, value=ratio)


def observe_usage(usage: Mapping[str, float]) -> None:
    """Counts percentages in use, by the metric's name."""
    for name, percent in usage.items():
        metrics.add_metric(name=name, unit=MetricUnit.Percent, value=percent)


def flush_system_metrics() -> None:
    """Writes what is about the whole system once, and not by service too, which would be a metric more to pay."""
    if metrics.metric_set:
        system = Metrics(service="")  # it shares what was counted
        system.add_dimension(name="scope", value="all")
        system.flush_metrics()


def flush_metrics() -> None:
    """Writes what was counted since the last time, if anything, as one EMF line: by service, and for all of them."""
    if metrics.metric_set:
        metrics.add_dimensions(scope="all")
        metrics.flush_metrics()


def run_check(event: Mapping[str, Any], checks: Mapping[str, Callable[[], None]]) -> None:
    """Runs the check that a schedule's event names, and writes its metrics. Raises Malformed where there is no such."""
    name = str(event.get("check"))[:64]
    if name not in checks:
        raise Malformed(f"There is no check {name!r}; there are {', '.join(checks)}")
    try:
        checks[name]()
    finally:
        flush_system_metrics()
