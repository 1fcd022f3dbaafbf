"""The health of a service, as the response to a health check: whether all that it stands on answers."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated

from typing_extensions import TypedDict

from fraudshield import __version__
from fraudshield.dependency import DependencyCheck, Missing, Needs
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
    """It cannot work at all; `detail` says why, and `degraded` names all that is missing."""

    status: Annotated[str, one_of("unhealthy")]
    service: str
    version: str
    timestamp: Moment
    detail: str
    degraded: list[str]


Health = HealthResponse | UnhealthyResponse


def health(service: str, needs: Callable[[], Needs], now: datetime, predictor: "Predictor | None" = None) -> Health:
    """The health of a service, asked within `PROBE_S`. Raises ConfigurationError."""
    missing = _check(needs).missing()
    if missing.fatal:
        return unhealthy(service, f"No answer from: {', '.join(missing.fatal)}", now, missing.codes)
    return _working(service, missing, now, predictor)


def up(service: str, now: datetime) -> HealthResponse:
    """The health of a service that depends on nothing it would have to ask."""
    return _working(service, Missing(), now, None)


def unhealthy(service: str, cause: str, now: datetime, missing: tuple[str, ...] = ()) -> UnhealthyResponse:
    """The health of a service that cannot work at all, and why."""
    return {
        "status": "unhealthy",
        "service": service,
        "version": __version__,
        "timestamp": timestamp(now),
        "detail": cause,
        "degraded": list(missing),
    }


def _working(service: str, missing: Missing, now: datetime, predictor: "Predictor | None") -> HealthResponse:
    degraded = [*(predictor.degraded if predictor else ()), *missing.codes]
    return {
        "status": "degraded" if degraded else "healthy",
        "service": service,
        "version": __version__,
        "timestamp": timestamp(now),
        "model_version": predictor.facts.model_version if predictor else None,
        "degraded": degraded,
    }


@lru_cache
def _check(needs: Callable[[], Needs]) -> DependencyCheck:
    """The process's own, so that its findings are remembered. Raises ConfigurationError."""
    return DependencyCheck(needs())
