"""The health checker: it asks every function, CloudWatch and the dead-letter queues."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fraudshield.errors import QueueUnavailable, StoreUnavailable
from fraudshield.monitoring.cloudwatch import CloudWatchMetrics
from fraudshield.monitoring.health_check import HealthCheck
from fraudshield.monitoring.lambda_health import LambdaServices
from fraudshield.monitoring.metric import RESOURCES, latest
from fraudshield.monitoring.sqs import depths
from fraudshield.telemetry import logger

LATELY = timedelta(minutes=15)  # EMF takes a minute or two to become a metric
PERIOD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class HealthChecker:
    """Checks the whole system. It never raises: what could not be read is left out, and logged."""

    services: LambdaServices
    metrics: CloudWatchMetrics
    dead_letter_queues: Sequence[str]

    def check(self, now: datetime) -> HealthCheck:
        """Returns the health of every service, the use of resources and the dead letters."""
        return HealthCheck(now, self.services.health(), self._resources(now), self._dead_letters())

    def _resources(self, now: datetime) -> Mapping[str, float]:
        try:
            return latest(self.metrics.read(RESOURCES, now - LATELY, now, PERIOD))
        except StoreUnavailable as exc:
            logger.warning("use of resources not read", cause=str(exc))
            return {}

    def _dead_letters(self) -> Mapping[str, int]:
        try:
            return depths(self.dead_letter_queues)
        except QueueUnavailable as exc:
            logger.warning("dead letters not read", cause=str(exc))
            return {}
