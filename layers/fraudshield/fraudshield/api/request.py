"""What a route reads of a request: its body, its parameters, whose key it carries and what that key may do."""

from collections.abc import Callable
from typing import Any

from fastapi import Request

from fraudshield.api import gateway_event
from fraudshield.api.settings import KeySettings
from fraudshield.errors import Malformed, ScopeMissing, TooLarge, WrongMediaType
from fraudshield.settings import settings
from fraudshield.text import strict_json
from fraudshield.text.query import Asked, read_query

MAX_BODY_BYTES = 1024 * 1024
SCOPES = ("score", "analyst", "admin")  # each includes those before it


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
    return gateway_event.key_id(event_of(request))


def request_id_of(request: Request) -> str:
    """The id under which API Gateway and our logs know this request."""
    return gateway_event.request_id(event_of(request))


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
    return strict_json.parse_sent(body)


async def csv_body(request: Request) -> bytes:
    """The body as it came. Raises WrongMediaType, TooLarge."""
    return await _body(request, "text/csv")


async def _body(request: Request, expected: str) -> bytes:
    media_type = request.headers.get("content-type", expected).partition(";")[0].strip().lower()
    if media_type != expected:
        raise WrongMediaType(f"Expected {expected}, found {media_type[:80]}")
    body = await request.body()
    if len(body) > MAX_BODY_BYTES:
        raise TooLarge(f"The body has {len(body)} bytes, at most {MAX_BODY_BYTES} are taken")
    return body


def event_of(request: Request) -> gateway_event.Event:
    """The event of API Gateway that the request came as; empty outside of Lambda."""
    event: gateway_event.Event = request.scope.get("aws.event", {})
    return event
