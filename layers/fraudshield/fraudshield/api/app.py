"""The app factory of every service: each error leaves as a problem document (RFC 9457)."""

from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import Depends, FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from fraudshield import __version__
from fraudshield.api.content_coding import ACCEPTED
from fraudshield.api.entry import HEALTH
from fraudshield.api.health import Health, HealthResponse, up
from fraudshield.api.openapi import documented
from fraudshield.api.problem import problem_response
from fraudshield.api.request import checked, event_of
from fraudshield.api.response import health_response
from fraudshield.api.settings import OriginSettings
from fraudshield.api.status import STATUS
from fraudshield.errors import FraudShieldError, InvalidInput, UnsupportedCoding
from fraudshield.settings import settings
from fraudshield.telemetry import logger
from fraudshield.text.fault import fault_object

CODES = {HTTPStatus.NOT_FOUND: "not_found", HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed"}


def create_app(service: str, description: str) -> FastAPI:
    """An app whose every error is a problem document (RFC 9457)."""
    app = FastAPI(
        title=f"FraudShield {service}",
        description=description,
        version=__version__,
        openapi_url=None,
        redirect_slashes=False,
        dependencies=[Depends(checked)],
    )
    app.add_exception_handler(FraudShieldError, _expected)
    app.add_exception_handler(HTTPException, _unrouted)
    app.add_middleware(_LastResort)
    return app


async def _expected(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, FraudShieldError)  # noqa: S101 what it is registered for
    status = next(status for kind, status in STATUS.items() if isinstance(exc, kind))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.warning("request refused", code=exc.code, cause=str(exc))
    faults = [fault_object(fault) for fault in exc.faults] if isinstance(exc, InvalidInput) else []
    response = problem_response(event_of(request), status, exc.code, str(exc), faults)
    if isinstance(exc, UnsupportedCoding):
        response.headers["Accept-Encoding"] = ACCEPTED
    return response


async def _unrouted(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)  # noqa: S101 what it is registered for
    status = HTTPStatus(exc.status_code)
    found = f"{request.method} {request.url.path[:100]}"
    response = problem_response(event_of(request), status, CODES.get(status, "http_error"), f"{status.phrase}: {found}")
    response.headers.update(exc.headers or {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = ", ".join(_methods(request))
    return response


def _methods(request: Request) -> list[str]:
    """All methods of the path, whose routes stand one by one; the one that was asked for is not among them."""
    routes = [route for route in request.app.routes if isinstance(route, Route)]
    there = {
        method for route in routes if route.matches(request.scope)[0] != Match.NONE for method in route.methods or ()
    }
    return sorted(there | {"HEAD"} if "GET" in there else there)


class _LastResort:
    """Responds with 500 to what nobody foresaw: no traceback leaves, and the log names the line, not the values."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        except Exception as exc:
            logger.error("unforeseen", error=type(exc).__name__, place=_raised_at(exc))
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            event = scope.get("aws.event", {})
            response = problem_response(event, status, "internal_error", "Something went wrong on our side")
            await response(scope, receive, send)


def _raised_at(exc: BaseException) -> str:
    trace = exc.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else ""


def _configured(check: Callable[[str, datetime], Health], service: str) -> Health:
    settings(OriginSettings)
    return check(service, datetime.now(UTC))


def add_health(
    app: FastAPI,
    service: str,
    check: Callable[[str, datetime], Health] = up,
    description: str = "It answers.",
) -> None:
    """The app's route `/health`, which says what `check` does of the service now."""

    async def health() -> Response:
        return health_response(service, lambda: _configured(check, service))

    app.get(HEALTH, description=description, **documented(HealthResponse))(health)
