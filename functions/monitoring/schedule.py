"""What runs by the clock, named by the event: `{"check": "health"}`, `{"check": "trend"}`, `{"check": "drift"}`."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from fraudshield.analytics import wiring as analytics_wiring
from fraudshield.analytics.drift import measured
from fraudshield.monitoring import wiring as monitoring_wiring
from fraudshield.monitoring.metric import HOUR, WATCHED, WEEK, ratios
from fraudshield.predictor import wiring as predictor_wiring
from fraudshield.telemetry import logger, metrics, run_check


def health() -> None:
    """Stores a health check. It makes one metric where all is well; dead letters make another, while there are any.

    It is counted before it is stored: a store that is away is the very thing that the alarms are to tell.
    """
    check = monitoring_wiring.health_checker().check(datetime.now(UTC))
    metrics.add_metric(name="UnhealthyServices", unit=MetricUnit.Count, value=check.unhealthy)
    if waiting := sum(check.dead_letters.values()):
        metrics.add_metric(name="DeadLetters", unit=MetricUnit.Count, value=waiting)
        logger.warning("dead letters", queues={name: number for name, number in check.dead_letters.items() if number})
    monitoring_wiring.monitoring_store().add_check(check)


def trend() -> None:
    """Compares this hour to the same hour a week ago; without a metric where either holds too little to compare."""
    now, source = datetime.now(UTC), monitoring_wiring.cloudwatch_metrics()
    this, last = (source.read(WATCHED, until - HOUR, until, HOUR) for until in (now, now - WEEK))
    for name, value in ratios(this, last).items():
        metrics.add_metric(name=name, unit=MetricUnit.NoUnit, value=value)


def drift() -> None:
    """Compares the last day's scores and features to training's, and the fields of own event types to their first days.

    No metric without a model or of too few payments. `FeatureDrift` is the farthest of all, one alarm for both.
    """
    now, reference = datetime.now(UTC), predictor_wiring.reference()
    found = dict(measured(analytics_wiring.aggregates(), reference, now)) if reference else {}
    for event_type, fields in analytics_wiring.analytics().drift_of_types(now).items():
        indexes = {one["field"]: one["index"] for one in fields["fields"] if one["index"] is not None}
        if drifted := [one["field"] for one in fields["fields"] if one["drifted"]]:
            logger.warning("fields have moved", event_type=event_type, fields=drifted)
        if indexes:
            found["FeatureDrift"] = max(found.get("FeatureDrift", 0.0), *indexes.values())
    for name, value in found.items():
        metrics.add_metric(name=name, unit=MetricUnit.NoUnit, value=value)


CHECKS: Mapping[str, Callable[[], None]] = {"health": health, "trend": trend, "drift": drift}


def lambda_handler(event: dict[str, Any], context: object) -> None:  # noqa: ARG001 Lambda hands it over
    """Runs one check. Raises Malformed for a check that there is not."""
    run_check(event, CHECKS)
