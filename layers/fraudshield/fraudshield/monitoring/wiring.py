"""Monitoring: how the services are, what they log and how much they are used."""

from functools import lru_cache
from typing import Annotated

from pydantic import Field

from fraudshield.aws.probe import table
from fraudshield.dependency import Dependency
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.monitoring import service_wiring as monitoring_service_wiring
from fraudshield.monitoring.cloudwatch import CloudWatchMetrics
from fraudshield.monitoring.dynamo import MonitoringStore
from fraudshield.monitoring.dynamo_log import DynamoLogs
from fraudshield.monitoring.dynamo_usage import DynamoApiUsage
from fraudshield.monitoring.probe import HealthChecker
from fraudshield.settings import Settings, settings


class DeadLetterSettings(Settings):
    """The queues that should be empty, separated by commas."""

    dead_letter_queue_urls: str = ""

    @property
    def dead_letter_queues(self) -> tuple[str, ...]:
        """The URLs of the queues."""
        return tuple(filter(None, self.dead_letter_queue_urls.split(",")))


class MonitoringSettings(Settings):
    """The table of health checks and alarms."""

    monitoring_table: str


class IntervalSettings(Settings):
    """Seconds between two health checks."""

    monitoring_interval: Annotated[int, Field(ge=60, le=900)] = 300


class MetricSettings(Settings):
    """Under which CloudWatch keeps this deployment's metrics."""

    powertools_metrics_namespace: str = "FraudShield"


class LogSettings(Settings):
    """The table of what functions log and of counted calls, and the days that it keeps them."""

    logs_table: str
    log_retention_days: Annotated[int, Field(ge=1, le=3653)] = 30


@lru_cache
def monitoring_store() -> MonitoringStore:
    """The store of health checks and alerts."""
    return MonitoringStore(settings(MonitoringSettings).monitoring_table, dynamo_wiring.lookup_calls())


@lru_cache
def logs() -> DynamoLogs:
    """The store of what functions logged from WARNING on."""
    told = settings(LogSettings)
    return DynamoLogs(told.logs_table, dynamo_wiring.lookup_calls(), told.log_retention_days)


@lru_cache
def api_usage() -> DynamoApiUsage:
    """The store of counted API calls."""
    told = settings(LogSettings)
    return DynamoApiUsage(told.logs_table, dynamo_wiring.lookup_calls(), told.log_retention_days)


@lru_cache
def cloudwatch_metrics() -> CloudWatchMetrics:
    """This deployment's own metrics."""
    return CloudWatchMetrics(settings(MetricSettings).powertools_metrics_namespace)


@lru_cache
def health_checker() -> HealthChecker:
    """Checks the health of the whole system."""
    return HealthChecker(
        monitoring_service_wiring.patient_services(),
        cloudwatch_metrics(),
        settings(DeadLetterSettings).dead_letter_queues,
    )


def monitoring_needed() -> Dependency:
    """The table of health checks and alerts, to be asked whether it answers."""
    return table("health checks", settings(MonitoringSettings).monitoring_table, "series", "at")
