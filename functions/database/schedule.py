"""What runs by the clock, named by the event: `{"check": "reviews"}` tells what was closed, `overdue` counts."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from fraudshield.policy import wiring as policy_wiring
from fraudshield.policy.owner import Owners
from fraudshield.review import wiring as review_wiring
from fraudshield.review.overdue import overdue
from fraudshield.review.telling import tell_closed
from fraudshield.telemetry import logger, metrics, run_check

TELLING_S = 40.0  # of the function's sixty seconds; what is left is told a minute later


def reviews() -> None:
    """Tells the topic of closed reviews what was closed since the last time."""
    stop_at = time.monotonic() + TELLING_S
    closings, topic, position = review_wiring.closings(), review_wiring.topic(), review_wiring.told_position()
    told = tell_closed(closings, topic, position, datetime.now(UTC), lambda: time.monotonic() < stop_at)
    if told:
        logger.info("closed reviews told", told=told)


def late() -> None:
    """Counts overdue reviews; no metric where no policy says within what time they should be decided."""
    number = overdue(review_wiring.open_reviews(), _within, datetime.now(UTC))
    if number is not None:
        metrics.add_metric(name="ReviewsOverdue", unit=MetricUnit.Count, value=number)


def _within(owners: Owners) -> timedelta | None:
    return policy_wiring.policies().of(owners).current().policy.decided_within


CHECKS: Mapping[str, Callable[[], None]] = {"reviews": reviews, "overdue": late}


def lambda_handler(event: dict[str, Any], context: object) -> None:  # noqa: ARG001 Lambda hands it over
    """Runs one check. Raises Malformed for a check that there is not."""
    run_check(event, CHECKS)
