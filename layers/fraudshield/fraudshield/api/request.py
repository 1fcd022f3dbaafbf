"""What a route reads of a request: its body, its parameters, whose key it carries and what that key may do."""

from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import Request
from fastapi.params import Depends

from fraudshield.api import gateway_event
from fraudshield.api.content_coding import unpacked
from fraudshield.api.openapi import CSV, JSON, declared_query
from fraudshield.api.settings import KeylessSettings, KeySettings, OriginSettings
from fraudshield.audit.audit import Author
from fraudshield.errors import Malformed, ScopeMissing, TooLarge, WrongMediaType
from fraudshield.settings import settings
from fraudshield.text import strict_json
from fraudshield.text.query import Asked, read_query

MAX_BODY_BYTES = 1024 * 1024
HTML = "text/html"
SCOPES = ("score", "analyst", "admin")  # each includes those before it


@dataclass(frozen=True, slots=True)
class ScopeCheck:
    """A route's dependency: its caller's key belongs to a plan that carries the scope `name`."""

    name: str

    async def __call__(self, request: Request) -> None:
        """Raises ScopeMissing."""
        if _held_scope(request) not in SCOPES[SCOPES.index(self.name) :]:
            raise ScopeMissing(f"This key may not do that; it takes one with the scope {self.name}")


def _held_scope(request: Request) -> str:
    """The scope of the request's key, or the one that is given to requests without; empty where there is neither."""
    if key_id := caller(request):
        return settings(KeySettings).scopes_by_key_id.get(key_id, "")
    return settings(KeylessSettings).keyless_scope


def scope(name: str) -> ScopeCheck:
    """A route's dependency on a scope. Raises ValueError for one that there is not."""
    return ScopeCheck(SCOPES[SCOPES.index(name)])


def has_scope(request: Request, name: str) -> bool:
    """Whether the caller's key carries a scope that its route need not ask for."""
    held = settings(KeySettings).scopes_by_key_id.get(caller(request))
    return held is not None and SCOPES.index(held) >= SCOPES.index(name)


def scope_of(dependencies: Iterable[Depends]) -> str | None:
    """The scope that a route asks for; None where anybody may call it."""
    return next((one.dependency.name for one in dependencies if isinstance(one.dependency, ScopeCheck)), None)


def caller(request: Request) -> str:
    """The id (not the value) of the API key that API Gateway checked; empty where there was none."""
    return gateway_event.key_id(event_of(request))


def actor(request: Request) -> str:
    """Who calls, as X-Actor says: kept beside the key, never a ground to allow anything. Raises Malformed."""
    return gateway_event.actor(event_of(request))


def claim(request: Request) -> str | None:
    """The claim on a review that `X-Claim` carries; None without it. Raises Malformed."""
    return gateway_event.claim(event_of(request))


def held_claim(request: Request) -> str:
    """The claim that a route is about. Raises Malformed: there is none, or it cannot be one."""
    if (held := claim(request)) is None:
        raise Malformed(gateway_event.NO_CLAIM, code="invalid_claim")
    return held


def author(request: Request) -> Author:
    """Who makes the change that a request asks for, as the audit log names them. Raises Malformed."""
    event = event_of(request)
    plan = _held_scope(request)
    address, request_id = gateway_event.address(event), gateway_event.request_id(event)
    return Author(caller(request), plan, gateway_event.actor(event), address, request_id)


def request_id_of(request: Request) -> str:
    """The id under which API Gateway and our logs know this request."""
    return gateway_event.request_id(event_of(request))


def accepts_csv(request: Request) -> bool:
    """Whether `Accept` asks for CSV rather than JSON: of the two, it names CSV first, or alone."""
    return _first_accepted(request, CSV[0], JSON, "*/*") == CSV[0]


def sends_csv(request: Request) -> bool:
    """Whether the body is CSV by its `Content-Type`, for a route that takes JSON too."""
    return _media_type(request) in CSV


def prefers_json(request: Request) -> bool:
    """Whether `Accept` asks for JSON rather than a page: of the two, it names JSON first, or alone."""
    return _first_accepted(request, HTML, JSON, "*/*") == JSON


def _first_accepted(request: Request, *known: str) -> str | None:
    asked = [one.partition(";")[0].strip().lower() for one in request.headers.get("accept", "").split(",")]
    return next((one for one in asked if one in known), None)


def lacks_slash(request: Request) -> str | None:
    """The last segment of what was asked for, where no slash stands behind it, as of a stage's or a base path's name.

    A browser would look for what the page names beside it, not below it.
    """
    path = gateway_event.full_path(event_of(request))
    return None if path.endswith("/") else path.rpartition("/")[2]


def query(request: Request, model: type[Asked]) -> Asked:
    """The parameters behind the question mark. Raises Malformed."""
    return read_query(request.query_params.multi_items(), model)


def own_query(request: Request, model: type[Asked]) -> Asked:
    """The parameters of `model`, whatever else stands behind the question mark. Raises Malformed."""
    return read_query([pair for pair in request.query_params.multi_items() if pair[0] in model.model_fields], model)


async def checked(request: Request) -> None:
    """Every route's dependency: what may be wrong with any request is found before its body is read.

    Raises:
        Malformed: a parameter that the route does not know or that cannot be as it is, or an unreadable X-Actor.
        ConfigurationError: the process cannot tell which pages may call.
    """
    route = request.scope["route"]
    if scope_of(route.dependencies) is not None:
        settings(OriginSettings)
    actor(request)
    if (model := declared_query(route)) is not None:
        query(request, model)


async def json_body(request: Request) -> object:
    """The parsed body.

    Raises:
        WrongMediaType, TooLarge, Malformed.
    """
    body = await _body(request, JSON)
    if not body:
        raise Malformed("The body is empty; expected JSON", code="not_json")
    return strict_json.parse_sent(body)


async def csv_body(request: Request) -> bytes:
    """The body as it came; many clients call any file an octet-stream. Raises WrongMediaType, TooLarge."""
    return await _body(request, *CSV)


async def _body(request: Request, *expected: str) -> bytes:
    media_type = _media_type(request) if "content-type" in request.headers else expected[0]
    if media_type not in expected:
        raise WrongMediaType(f"Expected {expected[0]}, found {media_type[:80]}")
    body = await request.body()
    if len(body) > MAX_BODY_BYTES:
        raise TooLarge(f"The body has {len(body)} bytes, at most {MAX_BODY_BYTES} are taken")
    return unpacked(body, request.headers.get("content-encoding", ""), MAX_BODY_BYTES)


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def event_of(request: Request) -> gateway_event.Event:
    """The event of API Gateway that the request came as; empty outside of Lambda."""
    event: gateway_event.Event = request.scope.get("aws.event", {})
    return event
