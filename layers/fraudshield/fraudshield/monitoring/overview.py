"""The overview: the state of the whole system in one response."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from typing_extensions import TypedDict

from fraudshield.monitoring.alarm import AlertCounts, RaisedAlarm, alert_counts
from fraudshield.monitoring.health_check import (
    HealthCheck,
    ResourceUse,
    ServiceCounts,
    is_watched,
    resource_use,
    service_counts,
)
from fraudshield.text.schema import Moment
from fraudshield.text.timestamp import timestamp

SystemStatus = Literal["healthy", "degraded", "critical", "unknown"]


class OverviewResponse(TypedDict):
    """`system_status` is critical if a service is down or a critical alert is open, unknown without recent checks."""

    system_status: SystemStatus
    services: ServiceCounts
    alerts: AlertCounts
    system_metrics: ResourceUse
    dead_letters: int
    last_check: Moment | None
    monitoring_active: bool
    timestamp: Moment


def overview(
    check: HealthCheck | None, alerts: Sequence[RaisedAlarm], now: datetime, interval_s: int
) -> OverviewResponse:
    """Returns the overview from the last health check and the last day's alerts."""
    watched = is_watched(check, now, interval_s)
    services = service_counts(check)
    return {
        "system_status": _status(services, alerts) if watched else "unknown",
        "services": services,
        "alerts": alert_counts(alerts),
        "system_metrics": resource_use(check),
        "dead_letters": sum(check.dead_letters.values()) if check else 0,
        "last_check": timestamp(check.at) if check else None,
        "monitoring_active": watched,
        "timestamp": timestamp(now),
    }


def _status(services: ServiceCounts, alerts: Sequence[RaisedAlarm]) -> SystemStatus:
    on = [alert for alert in alerts if alert.closed_at is None]
    if services["unhealthy"] or any(alert.severity == "critical" for alert in on):
        return "critical"
    return "degraded" if services["degraded"] or on else "healthy"
