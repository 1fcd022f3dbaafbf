"""How the services are, as the gateway reports it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from typing_extensions import TypedDict

from fraudshield.text.schema import Moment, one_of
from fraudshield.text.timestamp import timestamp


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    """The health of a service: `healthy`, `degraded` or `unhealthy`, and how long its response took."""

    status: str
    response_time_s: float
    detail: str


class ServiceObject(TypedDict):
    """One service. `response_time` is in seconds."""

    status: Annotated[str, one_of("healthy", "degraded", "unhealthy")]
    response_time: float
    detail: str


class ServicesStatus(TypedDict):
    """All services; `gateway_status` is degraded as soon as one is not healthy."""

    gateway_status: Annotated[str, one_of("healthy", "degraded")]
    services: dict[str, ServiceObject]
    timestamp: Moment


def services_status(services: Mapping[str, ServiceHealth], now: datetime) -> ServicesStatus:
    """Returns the response of `GET /services/status`."""
    troubled = any(service.status != "healthy" for service in services.values())
    return {
        "gateway_status": "degraded" if troubled else "healthy",
        "services": {
            name: {"status": one.status, "response_time": one.response_time_s, "detail": one.detail}
            for name, one in sorted(services.items())
        },
        "timestamp": timestamp(now),
    }
