"""The health checker: it asks every function, CloudWatch and the dead-letter queues."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from fraudshield.budget import AGAIN_S
from fraudshield.errors import QueueUnavailable, StoreUnavailable
from fraudshield.monitoring.cloudwatch import CloudWatchMetrics
from fraudshield.monitoring.health_check import HealthCheck
from fraudshield.monitoring.metric import RESOURCES, latest
from fraudshield.monitoring.service_health import ServiceHealth
from fraudshield.monitoring.sqs import depths
from fraudshield.telemetry import logger

LATELY = timedelta(minutes=15)  # EMF takes a minute or two to become a metric
PERIOD = timedelta(minutes=5)


class AskedServices(Protocol):
    """The services, each of which says how it is."""

    def health(self, only: Collection[str] | None = None) -> Mapping[str, ServiceHealth]:
        """Returns the health of all, or of some, by name."""


@dataclass(frozen=True, slots=True)
class HealthChecker:
    """Checks the whole system. It never raises: what could not be read is left out, and logged."""

    services: AskedServices
    metrics: CloudWatchMetrics
    dead_letter_queues: Sequence[str]
    pause: Callable[[float], None] = time.sleep

    def check(self, now: datetime) -> HealthCheck:
        """Returns the health of every service, the use of resources and the dead letters."""
        return HealthCheck(now, self._health(), self._resources(now), self._dead_letters())

    def _health(self) -> Mapping[str, ServiceHealth]:
        """Asks all; those that failed once more, when they have started and remember nothing of a moment ago."""
        found = self.services.health()
        failed = [name for name, one in found.items() if one.status == "unhealthy"]
        if not failed:
            return found
        self.pause(AGAIN_S)
        return {**found, **self.services.health(failed)}

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
