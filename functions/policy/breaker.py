"""What of a policy may not block for now, and closing it by hand."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response

from fraudshield.api.openapi import documented
from fraudshield.api.request import SCOPES, author, json_body, query, scope
from fraudshield.api.response import json_response
from fraudshield.errors import PolicyConflict, UnknownEventType
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.policy import wiring as policy_wiring
from fraudshield.policy.limit.breaker import BreakerResponse, ClosingRequest, NotOpen, read_closing
from fraudshield.policy.owner import owners_of_type
from fraudshield.policy.query import PolicyQuery

router = APIRouter()
_, ANALYST, ADMIN = (Depends(scope(name)) for name in SCOPES)


@router.get(
    "/breaker", dependencies=[ANALYST], **documented(BreakerResponse, query=PolicyQuery, raises=(UnknownEventType,))
)
async def breaker(request: Request) -> Response:
    """What of the version in force may not block for now, why, and what it may block; read now."""
    return json_response(_state(query(request, PolicyQuery).event_type))


@router.post(
    "/breaker/close",
    dependencies=[ADMIN],
    **documented(BreakerResponse, ClosingRequest, raises=(NotOpen, PolicyConflict, UnknownEventType)),
)
async def close(request: Request) -> Response:
    """Let it block again; its blocks are counted anew from then on, so that it opens again where nothing changed."""
    sent = read_closing(await json_body(request))
    _state(sent.event_type)
    policy_wiring.breakers().close(sent.event_type, sent.note, author(request), datetime.now(UTC))
    return json_response(_state(sent.event_type))


def _state(event_type: str) -> BreakerResponse:
    found = event_type_wiring.event_types().newest(event_type)
    return policy_wiring.policies().of(owners_of_type(found)).breaker(found.name)
