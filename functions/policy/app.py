"""Policy: what payments look like, how they are decided, what is on lists, and who changed what."""

from datetime import UTC, datetime

from fastapi import Depends, Request, Response

from fraudshield.api.app import add_health, create_app
from fraudshield.api.entry import lambda_entry
from fraudshield.api.health import health
from fraudshield.api.openapi import documented, documented_as_table
from fraudshield.api.path import EventTypePath, VersionPath
from fraudshield.api.request import SCOPES, accepts_csv, author, json_body, query, scope
from fraudshield.api.response import csv_response, json_response
from fraudshield.audit import wiring as audit_wiring
from fraudshield.audit.response import AuditQuery, AuditResponse, audit_csv, audit_response, position
from fraudshield.dependency import Needs
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.errors import BreaksStored, EventTypeConflict, NoSlot
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.event_type.check import read_document
from fraudshield.event_type.event_type import EventType, EventTypeDocument
from fraudshield.event_type.response import (
    EventTypeResponse,
    EventTypesResponse,
    event_type_response,
    event_types_response,
)
from fraudshield.policy import wiring as policy_wiring
from fraudshield.policy.active import nothing_decides
from fraudshield.result import Result
from fraudshield.transaction.quality import NOTHING_DECIDES
from fraudshield.value_list import service_wiring as list_wiring
from functions.policy import backtest, breaker, comparison, library, model, rate, statistic, value_list
from functions.policy import version as policy_version

SCORE, ANALYST, ADMIN = (Depends(scope(name)) for name in SCOPES)

app = create_app(
    "policy", "Says what payments look like, how they are decided, what is on lists, and who changed what."
)


@app.get("/event-types", dependencies=[ANALYST], **documented(EventTypesResponse))
async def event_types() -> Response:
    """Every event type in its newest version, the built-in one first."""
    return json_response(event_types_response(event_type_wiring.event_types().all()))


@app.post(
    "/event-types",
    dependencies=[ADMIN],
    **documented(EventTypeResponse, EventTypeDocument, status="201", raises=(BreaksStored, NoSlot, EventTypeConflict)),
)
async def put_event_type(request: Request) -> Response:
    """Store the next version of an event type; where it says what the newest one says, that one is the answer."""
    document = read_document(await json_body(request))
    made = event_type_wiring.event_types().put(document, author(request), datetime.now(UTC))
    shown = _newest(made)
    if changed := model.registry_of(made.name).reads_otherwise():
        shown["model_reads_otherwise"] = list(changed)
    return json_response(shown, Result.CREATED)


@app.get("/event-types/{name:segment}", dependencies=[SCORE], **documented(EventTypeResponse))
async def event_type(name: EventTypePath) -> Response:
    """The newest version of an event type, with the fields of what it extends."""
    return json_response(_newest(event_type_wiring.event_types().newest(name)))


@app.get(
    "/event-types/{name:segment}/versions/{version:segment}", dependencies=[SCORE], **documented(EventTypeResponse)
)
async def version(name: EventTypePath, version: VersionPath) -> Response:
    """One version of an event type; none is ever changed."""
    return json_response(event_type_response(event_type_wiring.event_types().version(name, int(version))))


@app.get("/audit", dependencies=[ADMIN], **documented_as_table(AuditResponse, AuditQuery))
async def audit(request: Request) -> Response:
    """Who changed what, newest first; as CSV where `Accept` asks for it, with a `Link` to the next page."""
    asked = query(request, AuditQuery)
    cursors = dynamo_wiring.cursors()
    before = None if asked.cursor is None else position(cursors.open(asked.asked, asked.cursor))
    page = audit_wiring.audit_log().page(asked.span(datetime.now(UTC)), before, asked.limit)
    cursor = None if page.before is None else cursors.seal(asked.asked, str(page.before))
    response = audit_response(page, asked.limit, cursor)
    if accepts_csv(request):
        return csv_response(request, audit_csv(response["entries"]), "audit.csv", cursor)
    return json_response(response)


def _newest(event_type: EventType) -> EventTypeResponse:
    """The newest version, with what is odd about how its payments are decided."""
    shown = event_type_response(event_type)
    if nothing_decides(event_type, policy_wiring.policies(), event_type_wiring.event_types().known()):
        shown["quality"] = [NOTHING_DECIDES]
    return shown


def _needs() -> Needs:
    """Documents lie in one table and lists in another; the secret signs pages, and each type should have rules."""
    decides = policy_wiring.decides_needed(event_type_wiring.event_types())
    besides = [list_wiring.lists_needed(), dynamo_wiring.secret_needed(), decides, policy_wiring.blocks_needed()]
    return Needs(vital=[(event_type_wiring.documents_needed(),)], besides=besides)


app.include_router(rate.router)
app.include_router(library.router)
app.include_router(backtest.router)
app.include_router(value_list.router)
app.include_router(policy_version.router)
app.include_router(breaker.router)
app.include_router(statistic.router)
app.include_router(model.router)
app.include_router(comparison.router)
add_health(app, "policy", lambda name, now: health(name, _needs, now), "Healthy, degraded and why, or 503.")


lambda_handler = lambda_entry(app, "/api/v1/policy", "/api/v1")
