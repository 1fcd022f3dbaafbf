"""How every FraudShield API looks from outside: one app factory, one way in, one error shape, all the status codes."""

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from mangum import Mangum
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from fraudshield import __version__, gateway_event, strict_json
from fraudshield.answer import Problem, fault_object
from fraudshield.api_settings import KeySettings, OriginSettings
from fraudshield.documentation import documented
from fraudshield.errors import (
    ConfigurationError,
    Conflict,
    FraudShieldError,
    InvalidInput,
    Malformed,
    NotFound,
    ScopeMissing,
    TooLarge,
    Unavailable,
    WrongMediaType,
)
from fraudshield.health import HealthAnswer, unhealthy, up
from fraudshield.observability import flush_metrics, logger, observe_call, observe_usage
from fraudshield.query import Asked, read_query
from fraudshield.result import Result
from fraudshield.settings import settings
from fraudshield.usage import Usage

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

MAX_BODY_BYTES = 1024 * 1024
RETRY_AFTER_S = 5  # as long as the breaker stays open
PROBLEM = "application/problem+json"
TEXT_TYPES = ["application/json", PROBLEM, "text/"]  # all other bodies leave as base64
HEALTH = "/health"
STAMP = "generated_at"  # of an answer: it changes when nothing else does
SCOPES = ("score", "analyst", "admin")  # each includes those before it

STATUS: Mapping[type[FraudShieldError], HTTPStatus] = {
    Malformed: HTTPStatus.BAD_REQUEST,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    WrongMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Conflict: HTTPStatus.CONFLICT,
    InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    ScopeMissing: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    ConfigurationError: HTTPStatus.SERVICE_UNAVAILABLE,
}
RESULT_STATUS: Mapping[Result, HTTPStatus] = {
    Result.DONE: HTTPStatus.OK,
    Result.QUEUED: HTTPStatus.ACCEPTED,
    Result.ALL_FAILED: HTTPStatus.UNPROCESSABLE_ENTITY,
    Result.ALL_CONFLICTING: HTTPStatus.CONFLICT,
}
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
CODES = {HTTPStatus.NOT_FOUND: "not_found", HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed"}


def create_app(service: str, description: str) -> FastAPI:
    """An app whose every error is a problem document (RFC 9457)."""
    app = FastAPI(
        title=f"FraudShield {service}",
        description=description,
        version=__version__,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.add_exception_handler(FraudShieldError, _expected)
    app.add_exception_handler(HTTPException, _unrouted)
    app.add_middleware(_LastResort)
    return app


def lambda_entry(app: FastAPI, *prefixes: str, usage: Usage | None = None) -> Handler:
    """The Lambda handler of an HTTP function.

    `prefixes`, longest first, are the places in the REST API where the app's routes hang; `usage` is the process's.
    """
    used = usage or Usage()
    mounted = [
        (prefix, Mangum(app, lifespan="off", api_gateway_base_path=prefix, text_mime_types=TEXT_TYPES))
        for prefix in (*prefixes, "/")
    ]

    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        began = time.monotonic()
        used.begin()
        asgi = next(mangum for prefix, mangum in mounted if event["path"].startswith(prefix))
        logger.append_keys(request_id=gateway_event.request_id(event), function_request_id=context.aws_request_id)
        try:
            answered = asgi(event, context)
        except ValueError:  # in reading the event: what goes wrong in the app is answered there
            answered = _unreadable(event)
        if not event["path"].endswith(HEALTH):  # else somebody's asking how we are would cost a metric each
            observe_call(answered["statusCode"] >= HTTPStatus.INTERNAL_SERVER_ERROR, (time.monotonic() - began) * 1000)
            observe_usage(used.end(int(context.memory_limit_in_mb)))  # the runtime says it as a text
        flush_metrics()
        return _with_cors(answered, event)

    return handler


def scope(name: str) -> Callable[[Request], Any]:
    """A route's dependency: its caller's key belongs to a plan that carries this scope. Raises ScopeMissing."""
    needed = SCOPES.index(name)

    async def check(request: Request) -> None:
        keys = settings(KeySettings)
        key_ids = (keys.score_key_id, keys.analyst_key_id, keys.admin_key_id)
        key_id = caller(request)
        if not key_id or key_id not in key_ids[needed:]:
            raise ScopeMissing(f"This key may not do that; it takes one with the scope {name}")

    return check


def caller(request: Request) -> str:
    """The id (not the value) of the API key that API Gateway checked; empty where there was none."""
    return gateway_event.key_id(_event(request))


def request_id(request: Request) -> str:
    """The id under which API Gateway and our logs know this request."""
    return gateway_event.request_id(_event(request))


def query(request: Request, model: type[Asked]) -> Asked:
    """The parameters behind the question mark. Raises Malformed."""
    return read_query(request.query_params.multi_items(), model)


async def json_body(request: Request) -> object:
    """The parsed body.

    Raises:
        WrongMediaType, TooLarge, Malformed.
    """
    body = await _body(request, "application/json")
    if not body:
        raise Malformed("The body is empty; expected JSON", code="not_json")
    return strict_json.parse(body)


async def csv_body(request: Request) -> bytes:
    """The body as it came. Raises WrongMediaType, TooLarge."""
    return await _body(request, "text/csv")


def json_response(content: object, result: Result = Result.DONE) -> Response:
    """`content` as JSON, with the status of how the call went."""
    return _json(content, RESULT_STATUS[result])


def page_response(html: str, refused: FraudShieldError | None = None) -> Response:
    """A page for people; with the status of what went wrong, where something did."""
    status = next(status for kind, status in STATUS.items() if isinstance(refused, kind)) if refused else HTTPStatus.OK
    return Response(html, status, PAGE_HEADERS | {"Cache-Control": "no-store"}, "text/html; charset=utf-8")


def tagged_response(request: Request, content: Mapping[str, object]) -> Response:
    """`content` with an ETag of all but `generated_at`; 304 where the caller has that already."""
    kept = json.dumps({name: value for name, value in content.items() if name != STAMP}, sort_keys=True)
    tag = f'W/"{blake2b(kept.encode(), digest_size=16).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    known = [one.strip() for one in request.headers.get("if-none-match", "").split(",")]
    if "*" in known or tag in known or tag.removeprefix("W/") in known:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    answered = json_response(content)
    answered.headers.update(headers)
    return answered


def created_response(content: object, location: str) -> Response:
    """`content`, and where what was created can be asked for, relative to the request."""
    answered = json_response(content)
    answered.headers["Location"] = location
    return answered


def health_response(service: str, check: Callable[[], HealthAnswer]) -> Response:
    """What the check says; 503 when the process cannot even run it."""
    try:
        return json_response(check())
    except ConfigurationError as exc:
        return _json(unhealthy(service, str(exc), datetime.now(UTC)), HTTPStatus.SERVICE_UNAVAILABLE)


def _json(content: object, status: HTTPStatus) -> Response:
    return Response(json.dumps(content, separators=(",", ":")), status, media_type="application/json")


async def _body(request: Request, expected: str) -> bytes:
    media_type = request.headers.get("content-type", expected).partition(";")[0].strip().lower()
    if media_type != expected:
        raise WrongMediaType(f"Expected {expected}, found {media_type[:80]}")
    body = await request.body()
    if len(body) > MAX_BODY_BYTES:
        raise TooLarge(f"The body has {len(body)} bytes, at most {MAX_BODY_BYTES} are taken")
    return body


async def _expected(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, FraudShieldError)  # noqa: S101 what it is registered for
    status = next(status for kind, status in STATUS.items() if isinstance(exc, kind))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.warning("request refused", code=exc.code, cause=str(exc))
    faults = [fault_object(fault) for fault in exc.faults] if isinstance(exc, InvalidInput) else []
    return _problem(_event(request), status, exc.code, str(exc), faults)


async def _unrouted(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)  # noqa: S101 what it is registered for
    status = HTTPStatus(exc.status_code)
    found = f"{request.method} {request.url.path[:100]}"
    answered = _problem(_event(request), status, CODES.get(status, "http_error"), f"{status.phrase}: {found}")
    answered.headers.update(exc.headers or {})
    return answered


class _LastResort:
    """Answers 500 for what nobody foresaw, so that no traceback leaves and the log names the place, not the values."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        except Exception as exc:
            logger.error("unforeseen", error=type(exc).__name__, place=_place(exc))
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            event = scope.get("aws.event", {})
            answered = _problem(event, status, "internal_error", "Something went wrong on our side")
            await answered(scope, receive, send)


def _place(exc: BaseException) -> str:
    trace = exc.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else ""


def _problem(
    event: Mapping[str, Any], status: HTTPStatus, code: str, detail: str, errors: list[Any] | None = None
) -> Response:
    asked = gateway_event.request_id(event)
    document: Problem = {
        "type": f"urn:fraudshield:problem:{code}",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "instance": f"urn:fraudshield:request:{asked}",
        "code": code,
        "request_id": asked,
        "errors": errors or [],
        "error": status.phrase,
        "message": detail,
    }
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status is HTTPStatus.SERVICE_UNAVAILABLE else None
    return Response(json.dumps(document), status, headers, PROBLEM)


def _unreadable(event: Mapping[str, Any]) -> dict[str, Any]:
    detail = "The request holds text that is not Unicode, or a body that is not the base64 it says it is"
    problem = _problem(event, HTTPStatus.BAD_REQUEST, "not_json", detail)
    return {
        "statusCode": problem.status_code,
        "multiValueHeaders": {"content-type": [PROBLEM]},
        "body": bytes(problem.body).decode(),
        "isBase64Encoded": False,
    }


def _with_cors(answered: dict[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    origin = gateway_event.origin(event)
    if origin is None:
        return answered
    allowed = _allowed_origins()
    if origin in allowed or "*" in allowed:
        answered["multiValueHeaders"] |= {"access-control-allow-origin": [origin], "vary": ["Origin"]}
    return answered


def _allowed_origins() -> frozenset[str]:
    try:
        return settings(OriginSettings).allowed_origins
    except ConfigurationError:  # which the answer reports already
        return frozenset()


def _event(request: Request) -> gateway_event.Event:
    event: gateway_event.Event = request.scope.get("aws.event", {})
    return event


def add_health(
    app: FastAPI,
    service: str,
    check: Callable[[str, datetime], HealthAnswer] = up,
    description: str = "It answers.",
) -> None:
    """The app's route `/health`, which says what `check` does of the service now."""

    async def health() -> Response:
        return health_response(service, lambda: check(service, datetime.now(UTC)))

    app.get(HEALTH, description=description, **documented(HealthAnswer))(health)
