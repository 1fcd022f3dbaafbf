"""What runs by the clock, named by the event: `{"check": "health"}`, `{"check": "trend"}`, `{"check": "drift"}`."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from fraudshield.analytics import wiring as analytics_wiring
from fraudshield.analytics.drift import TRAFFIC, measured
from fraudshield.analytics.review_budget import LEFT, reviewed_shares
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.monitoring import wiring as monitoring_wiring
from fraudshield.monitoring.metric import HOUR, WATCHED, WEEK, ratios
from fraudshield.policy import wiring as policy_wiring
from fraudshield.policy.policy import Policy
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
    """Compares the last day's scores and features to training's, the fields of own event types to their first days, and
    the share of reviews to the budget of its policy.

    No metric without a model or of too few payments. `TrafficDrift` is the farthest of all, one alarm for them.
    """
    now, reference = datetime.now(UTC), predictor_wiring.reference()
    found = dict(measured(analytics_wiring.aggregates(), reference, now)) if reference else {}
    if far := [*_fields(now), *_reviews(now)]:
        found[TRAFFIC] = max(found.get(TRAFFIC, 0.0), *far)
    for name, value in found.items():
        metrics.add_metric(name=name, unit=MetricUnit.NoUnit, value=value)


def _fields(now: datetime) -> Iterator[float]:
    for event_type, fields in analytics_wiring.analytics().drift_of_types(now).items():
        if drifted := [one["field"] for one in fields["fields"] if one["drifted"]]:
            logger.warning("fields have moved", event_type=event_type, fields=drifted)
        yield from (one["index"] for one in fields["fields"] if one["index"] is not None)


def _reviews(now: datetime) -> Iterator[float]:
    types = {one.name: one for one in event_type_wiring.event_types().all()}
    for one in reviewed_shares(analytics_wiring.aggregates(), _policies(types), types, now):
        if one.distance is None:
            continue
        if one.distance >= LEFT:
            share = round(one.reviews / one.payments, 6)
            logger.warning("reviews have left their budget", event_type=one.event_type, budget=one.budget, share=share)
        yield round(one.distance, 4)


def _policies(types: Collection[str]) -> Mapping[str, Policy]:
    """Those in force that somebody put there, by event type; the product's own states no budget."""
    named = event_type_wiring.event_types().known().policies
    return {name: policy_wiring.policies().of((name,)).newest() for name in named if name in types}


CHECKS: Mapping[str, Callable[[], None]] = {"health": health, "trend": trend, "drift": drift}


def lambda_handler(event: dict[str, Any], context: object) -> None:  # noqa: ARG001 Lambda hands it over
    """Runs one check. Raises Malformed for a check that there is not."""
    run_check(event, CHECKS)
