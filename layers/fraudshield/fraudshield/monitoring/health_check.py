"""A health check of the whole system: how every service is, how full it is, what its dead-letter queues hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from typing_extensions import TypedDict

from fraudshield.monitoring.service_health import ServiceHealth, ServiceObject
from fraudshield.text.schema import Moment
from fraudshield.text.timestamp import timestamp

LATE = 3  # intervals without a health check: the checker is down itself


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """A health check's findings. `resources` are percent in use, of what CloudWatch knows; `dead_letters` by queue."""

    at: datetime
    services: Mapping[str, ServiceHealth]
    resources: Mapping[str, float] = field(default_factory=dict)
    dead_letters: Mapping[str, int] = field(default_factory=dict)

    @property
    def unhealthy(self) -> int:
        """Counts the services that cannot work; one that is degraded still does."""
        return sum(one.status == "unhealthy" for one in self.services.values())


class ServiceCounts(TypedDict):
    """How many services there are, and how they are."""

    total: int
    healthy: int
    degraded: int
    unhealthy: int


class ResourceUse(TypedDict):
    """Percent in use, the fullest function of each; null where nothing has run lately."""

    cpu: float | None
    memory: float | None
    disk: float | None


class ServiceHistory(ServiceObject):
    """A service now, and over the time asked for. `availability` is the share of checks in which it could work."""

    checks: int
    availability: float
    mean_response_time: float


class ServicesResponse(TypedDict):
    """Every service, at the last health check and before."""

    services: dict[str, ServiceHistory]
    last_check: Moment | None
    hours: int


def service_counts(check: HealthCheck | None) -> ServiceCounts:
    """Counts the services of the last health check by status."""
    statuses = [one.status for one in check.services.values()] if check else []
    return {
        "total": len(statuses),
        "healthy": statuses.count("healthy"),
        "degraded": statuses.count("degraded"),
        "unhealthy": statuses.count("unhealthy"),
    }


def resource_use(check: HealthCheck | None) -> ResourceUse:
    """Returns the use of resources at the last health check."""
    found = check.resources if check else {}
    return {"cpu": found.get("cpu"), "memory": found.get("memory"), "disk": found.get("disk")}


def is_watched(check: HealthCheck | None, now: datetime, interval_s: int) -> bool:
    """Returns whether health checks still come."""
    return check is not None and now - check.at <= timedelta(seconds=LATE * interval_s)


def services_response(checks: Sequence[HealthCheck], hours: int) -> ServicesResponse:
    """Returns the response; `checks` are newest first."""
    return {
        "services": {name: _history(name, checks) for name in sorted(checks[0].services)} if checks else {},
        "last_check": timestamp(checks[0].at) if checks else None,
        "hours": hours,
    }


def _history(name: str, checks: Sequence[HealthCheck]) -> ServiceHistory:
    seen = [check.services[name] for check in checks if name in check.services]
    return {
        "status": seen[0].status,
        "response_time": seen[0].response_time_s,
        "detail": seen[0].detail,
        "checks": len(seen),
        "availability": round(sum(one.status != "unhealthy" for one in seen) / len(seen), 4),
        "mean_response_time": round(sum(one.response_time_s for one in seen) / len(seen), 4),
    }
