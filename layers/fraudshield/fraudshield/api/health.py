"""The health of a service, as the response to a health check."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from typing_extensions import TypedDict

from fraudshield import __version__
from fraudshield.text.schema import Moment, one_of
from fraudshield.text.timestamp import timestamp

if TYPE_CHECKING:
    from fraudshield.predictor.port import Predictor


class HealthResponse(TypedDict):
    """`degraded` names what is missing while the service still responds."""

    status: Annotated[str, one_of("healthy", "degraded")]
    service: str
    version: str
    timestamp: Moment
    model_version: str | None
    degraded: list[str]


class UnhealthyResponse(TypedDict):
    """It cannot work at all; `detail` says why."""

    status: Annotated[str, one_of("unhealthy")]
    service: str
    version: str
    timestamp: Moment
    detail: str


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


def unhealthy(service: str, cause: str, now: datetime) -> UnhealthyResponse:
    """The health of a service that cannot work at all, and why."""
    return {
        "status": "unhealthy",
        "service": service,
        "version": __version__,
        "timestamp": timestamp(now),
        "detail": cause,
    }
