"""Versions of an event type's policy: drafted, changed, compared, put in force and taken back."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response

from fraudshield.api.openapi import documented
from fraudshield.api.path import VersionPath
from fraudshield.api.request import SCOPES, author, json_body, query, scope
from fraudshield.api.response import json_response
from fraudshield.backtest import wiring as backtest_wiring
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.errors import InvalidInput, NotFound, PolicyConflict, UnknownEventType
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.policy import wiring as policy_wiring
from fraudshield.policy.query import PolicyQuery
from fraudshield.policy.rule_check import CheckRequest, CheckResponse, checked, read_check
from fraudshield.policy.versioning.difference import difference
from fraudshield.policy.versioning.draft import (
    ActivationRequest,
    DraftChange,
    DraftRequest,
    RollbackRequest,
    read_activation,
    read_draft,
    read_draft_change,
    read_rollback,
)
from fraudshield.policy.versioning.gate import NotTested, StaleTest, StaleVersion
from fraudshield.policy.versioning.query import DifferenceQuery, VersionsQuery
from fraudshield.policy.versioning.response import (
    DifferenceResponse,
    VersionResponse,
    VersionsResponse,
    difference_response,
    version_response,
    versions_response,
)
from fraudshield.policy.versioning.version import NotADraft, NothingBefore, VersionService
from fraudshield.result import Result
from fraudshield.value_list import wiring as list_wiring

router = APIRouter()
_, ANALYST, ADMIN = (Depends(scope(name)) for name in SCOPES)


@router.post(
    "/check", dependencies=[ANALYST], **documented(CheckResponse, CheckRequest, raises=(InvalidInput, UnknownEventType))
)
async def check(request: Request) -> Response:
    """Check an expression against an event type, and try it on a payment. Stores nothing."""
    sent = read_check(await json_body(request))
    service = _service(sent.event_type)
    return json_response(checked(sent, service.event_type, service.lists(), datetime.now(UTC)))


@router.get(
    "/versions", dependencies=[ANALYST], **documented(VersionsResponse, query=VersionsQuery, raises=(UnknownEventType,))
)
async def versions(request: Request) -> Response:
    """Every version of a policy, newest first, drafts among them."""
    asked, cursors = query(request, VersionsQuery), dynamo_wiring.cursors()
    before = None if asked.cursor is None else int(str(cursors.open(asked.asked, asked.cursor)))
    page = _service(asked.event_type).page(before, asked.limit)
    cursor = None if page.before is None else cursors.seal(asked.asked, str(page.before))
    return json_response(versions_response(page, cursor))


@router.post(
    "/versions",
    dependencies=[ADMIN],
    **documented(VersionResponse, DraftRequest, status="201", raises=(NotFound, InvalidInput, PolicyConflict)),
)
async def draft(request: Request) -> Response:
    """Store a draft. Nothing is decided by it until it is put in force."""
    sent = read_draft(await json_body(request))
    now = datetime.now(UTC)
    made = _service(sent.event_type).draft(sent, author(request), now)
    return json_response(version_response(made, now), Result.CREATED)


@router.get(
    "/versions/{version:segment}",
    dependencies=[ANALYST],
    **documented(VersionResponse, query=PolicyQuery, raises=(NotFound,)),
)
async def version(version: VersionPath, request: Request) -> Response:
    """One version of a policy in full."""
    found = _service(query(request, PolicyQuery).event_type).find(int(version))
    return json_response(version_response(found, datetime.now(UTC)))


@router.put(
    "/versions/{version:segment}",
    dependencies=[ADMIN],
    **documented(
        VersionResponse, DraftChange, query=PolicyQuery, raises=(NotFound, InvalidInput, NotADraft, PolicyConflict)
    ),
)
async def change(version: VersionPath, request: Request) -> Response:
    """Replace all that a draft says, if it is still what its author had read."""
    sent, now = read_draft_change(await json_body(request)), datetime.now(UTC)
    made = _service(query(request, PolicyQuery).event_type).change(int(version), sent, author(request), now)
    return json_response(version_response(made, now))


@router.delete(
    "/versions/{version:segment}",
    dependencies=[ADMIN],
    **documented(VersionResponse, query=PolicyQuery, raises=(NotFound, NotADraft, PolicyConflict)),
)
async def remove(version: VersionPath, request: Request) -> Response:
    """Throw a draft away; the answer is what it said."""
    service, now = _service(query(request, PolicyQuery).event_type), datetime.now(UTC)
    found = service.find(int(version))
    service.remove(int(version), author(request), now)
    return json_response(version_response(found, now))


@router.get(
    "/versions/{version:segment}/difference",
    dependencies=[ANALYST],
    **documented(DifferenceResponse, query=DifferenceQuery, raises=(NotFound,)),
)
async def compare(version: VersionPath, request: Request) -> Response:
    """What another version says that this one does not: rules added, gone and changed, and all else."""
    asked = query(request, DifferenceQuery)
    service = _service(asked.event_type)
    before, after = (service.find(number).policy for number in (int(version), asked.to))
    return json_response(difference_response(before, after, difference(before, after)))


@router.post(
    "/versions/{version:segment}/activate",
    dependencies=[ADMIN],
    **documented(
        VersionResponse,
        ActivationRequest,
        query=PolicyQuery,
        raises=(NotFound, InvalidInput, NotTested, StaleTest, StaleVersion, PolicyConflict),
    ),
)
async def activate(version: VersionPath, request: Request) -> Response:
    """Put a version in force: tested on history lately against the one in force, or with `force`."""
    asked, now = read_activation(await json_body(request)), datetime.now(UTC)
    made = _service(query(request, PolicyQuery).event_type).activate(int(version), asked, author(request), now)
    return json_response(version_response(made, now))


@router.post(
    "/rollback",
    dependencies=[ADMIN],
    **documented(
        VersionResponse, RollbackRequest, query=PolicyQuery, raises=(NothingBefore, PolicyConflict, UnknownEventType)
    ),
)
async def roll_back(request: Request) -> Response:
    """Put the version in force again that was before this one."""
    read_rollback(await json_body(request))
    now = datetime.now(UTC)
    made = _service(query(request, PolicyQuery).event_type).roll_back(author(request), now)
    return json_response(version_response(made, now))


def _service(event_type: str) -> VersionService:
    found = event_type_wiring.event_types().newest(event_type)
    return policy_wiring.versions(found, backtest_wiring.version_tests(), list_wiring.list_names)
