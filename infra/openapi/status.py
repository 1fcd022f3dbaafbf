"""The statuses of each route, worked out from what it takes: its scope, body, parameters, path, and what it raises."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from fraudshield.api.health import UnhealthyResponse
from fraudshield.api.openapi import CSV, JSON, Documentation
from fraudshield.api.problem import PROBLEM
from fraudshield.api.status import STATUS
from fraudshield.errors import (
    ConfigurationError,
    FraudShieldError,
    InvalidInput,
    Malformed,
    ScopeMissing,
    TooLarge,
    Unavailable,
    WrongMediaType,
)
from infra.openapi.parameter import PATH, names_in
from infra.openapi.schema import reference

RETRY_AFTER = {
    "Retry-After": {"description": "Seconds until it makes sense to try again", "schema": {"type": "integer"}}
}
HEADERS = {
    "ETag": "Stands for this content; send it as If-None-Match",
    "Link": 'With rel="next" the page that follows, where there is one',
    "Location": "Where what was created can be asked for",
}


# By status: the name of the response and when it comes. What API Gateway responds with itself looks the same.
PROBLEMS: dict[int, tuple[str, str]] = {
    400: ("BadRequest", "The request as a whole cannot be read"),
    403: ("Forbidden", "No key, none of ours, or one without the scope (`scope_missing`)"),
    404: ("NotFound", "What the request names is not there"),
    409: ("Conflict", "What is there already does not go with what was sent"),
    413: ("TooLarge", "The body is over the size that one call may have"),
    415: ("UnsupportedMediaType", "The body says that it is of another type"),
    422: ("Invalid", "Something in the request cannot be as it is; `errors` says where"),
    429: ("TooManyRequests", "More requests than the key's plan allows, or as many tests as may run at once"),
    500: ("InternalError", "A fault of ours"),
    502: ("BadGateway", "The service failed, and nothing is known of the request"),
    503: ("Unavailable", "Something that the service depends on did not respond in time; nothing was done"),
    504: ("GatewayTimeout", "The service was too slow, and nothing is known of the request"),
}
OF_THE_GATEWAY = {400, 429, 502, 504}  # which API Gateway may respond with at any route
ANYTIME = {500}


def components() -> dict[str, Any]:
    """The problem documents, by name: all look alike, some say when to come back."""
    return {name: _problem(status, description) for status, (name, description) in sorted(PROBLEMS.items())}


def responses(path: str, told: Documentation, scope: str | None, *, keyless: bool) -> dict[str, Any]:
    """By status what an operation responds with."""
    found: dict[str, Any] = {}
    for own in (told.status, *told.also):
        found[own] = _response(told)
    if told.revalidated:
        found["304"] = {"description": "Nothing has changed since the ETag was given"}
    problems = OF_THE_GATEWAY | ANYTIME | (set() if keyless else {403})
    problems |= {_status(kind) for kind in _raised(path, told, scope)}
    for status in problems:
        found[str(status)] = _joined(found.get(str(status)), status)
    if path.endswith("/health"):
        found["503"] = {
            "description": "It cannot work, and why",
            "content": {JSON: {"schema": reference(UnhealthyResponse)}},
        }
    return dict(sorted(found.items()))


def _raised(path: str, told: Documentation, scope: str | None) -> Iterator[type[FraudShieldError]]:
    if scope is not None:  # which is looked up in the settings, as what stands behind the route
        yield from (ScopeMissing, ConfigurationError, Unavailable)
    if told.request is not None:
        yield from (Malformed, TooLarge, WrongMediaType)
    if told.request not in (None, CSV) and str(HTTPStatus.UNPROCESSABLE_ENTITY.value) not in told.also:
        yield InvalidInput
    if told.query is not None:
        yield Malformed
    for name in names_in(path):
        yield PATH[name].refused
    yield from told.raises


def _status(kind: type[FraudShieldError]) -> int:
    return next(status.value for mapped, status in STATUS.items() if issubclass(kind, mapped))


def _response(told: Documentation) -> dict[str, Any]:
    made: dict[str, Any] = {"description": "The response"}
    if told.headers:
        made["headers"] = {name: {"description": HEADERS[name], "schema": {"type": "string"}} for name in told.headers}
    content = {told.media_type: {"schema": reference(told.response)}}
    if told.also_csv:
        content[CSV[0]] = {"schema": {"type": "string"}}
    return made | {"content": content}


def _joined(response: dict[str, Any] | None, status: int) -> dict[str, Any]:
    """The problem document of a status, beside the response itself where that may come under it too."""
    name, description = PROBLEMS[status]
    if response is None:
        return {"$ref": f"#/components/responses/{name}"}
    return response | {"content": response["content"] | _problem(status, description)["content"]}


def _problem(status: int, description: str) -> dict[str, Any]:
    made: dict[str, Any] = {"description": description}
    if status in (429, 503):
        made["headers"] = RETRY_AFTER
    return made | {"content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
