"""The health of a service, as the response to a health check."""

from datetime import datetime
from typing import TYPE_CHECKING

from typing_extensions import TypedDict

from fraudshield import __version__
from fraudshield.text.timestamp import timestamp

if TYPE_CHECKING:
    from fraudshield.predictor.port import Predictor


class HealthResponse(TypedDict):
    """`degraded` names what is missing while the service still responds."""

    status: str
    service: str
    version: str
    timestamp: str
    model_version: str | None
    degraded: list[str]


def health(service: str, predictor: "Predictor", now: datetime) -> HealthResponse:
    """The health of a service that predicts: healthy, or degraded and why."""
    return {
        "status": "degraded" if predictor.degraded else "healthy",
        "service": service,
        "version": __version__,
        "timestamp": timestamp(now),
        "model_version": predictor.facts.model_version,
        "degraded": list(predictor.degraded),
    }


def up(service: str, now: datetime) -> HealthResponse:
    """The health of a service that depends on nothing it would have to ask."""
    return {
        "status": "healthy",
        "service": service,
        "version": __version__,
        "timestamp": timestamp(now),
        "model_version": None,
        "degraded": [],
    }


def unhealthy(service: str, cause: str, now: datetime) -> dict[str, str]:
    """The health of a service that cannot work at all, and why."""
    return {
        "status": "unhealthy",
        "service": service,
        "version": __version__,
        "timestamp": timestamp(now),
        "detail": cause,
    }
