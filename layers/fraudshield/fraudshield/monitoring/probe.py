"""Looks at the whole house: asks every function, CloudWatch and the dead-letter queues."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fraudshield.errors import QueueUnavailable, StoreUnavailable
from fraudshield.monitoring.cloudwatch import CloudWatchMetrics
from fraudshield.monitoring.health_check import Check
from fraudshield.monitoring.lambda_health import LambdaServices
from fraudshield.monitoring.metric import RESOURCES, latest
from fraudshield.monitoring.sqs import depths
from fraudshield.telemetry import logger

LATELY = timedelta(minutes=15)  # EMF takes a minute or two to become a metric
PERIOD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Lookout:
    """Never raises: what could not be seen is left out, and logged."""

    services: LambdaServices
    metrics: CloudWatchMetrics
    dead_letter_queues: Sequence[str]

    def look(self, now: datetime) -> Check:
        """How it all is."""
        return Check(now, self.services.health(), self._resources(now), self._dead_letters())

    def _resources(self, now: datetime) -> Mapping[str, float]:
        try:
            return latest(self.metrics.read(RESOURCES, now - LATELY, now, PERIOD))
        except StoreUnavailable as exc:
            logger.warning("use of resources not seen", cause=str(exc))
            return {}

    def _dead_letters(self) -> Mapping[str, int]:
        try:
            return depths(self.dead_letter_queues)
        except QueueUnavailable as exc:
            logger.warning("dead letters not seen", cause=str(exc))
            return {}
