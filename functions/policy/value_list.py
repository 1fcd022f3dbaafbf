"""Lists that rules ask: made by administrators, filled by analysts, one value at a time or as a file."""

import time
from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response

from fraudshield.api.openapi import documented, documented_as_table, documented_json_or_csv
from fraudshield.api.path import ListedValuePath, ListNamePath
from fraudshield.api.request import accepts_csv, author, csv_body, json_body, query, scope, sends_csv
from fraudshield.api.response import csv_response, json_response
from fraudshield.audit import wiring as audit_wiring
from fraudshield.budget import WRITES_STOP_S
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.errors import NotFound
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.policy import wiring as policy_wiring
from fraudshield.policy.trusted_list import TrustedLists
from fraudshield.value_list import service_wiring as list_wiring
from fraudshield.value_list.port import EntriesPage, ListConflict
from fraudshield.value_list.request import EntriesQuery, EntryRequest, ListRequest, read_entries, read_entry, read_list
from fraudshield.value_list.response import (
    AdditionResponse,
    EntriesResponse,
    ListObject,
    ListsResponse,
    RemovalResponse,
    addition_response,
    addition_result,
    entries_csv,
    entries_response,
    entry_object,
    file_response,
    list_file_entry,
    list_object,
    lists_response,
    position,
)
from fraudshield.value_list.service import ListService

ANALYST, ADMIN = Depends(scope("analyst")), Depends(scope("admin"))
ENTRIES = "/lists/{name:segment}/entries"

router = APIRouter()


@router.get("/lists", dependencies=[ANALYST], **documented(ListsResponse))
async def all_lists() -> Response:
    """Every list, without its entries."""
    return json_response(lists_response(list_wiring.list_store().all()))


@router.put(
    "/lists/{name:segment}", dependencies=[ADMIN], **documented(ListObject, ListRequest, raises=(ListConflict,))
)
async def put_list(request: Request, name: ListNamePath) -> Response:
    """Make a list, or describe it anew; its kind stays."""
    said, types = read_list(await json_body(request)), event_type_wiring.event_types().all()
    return json_response(list_object(list_wiring.lists().put(name, said, types, author(request), datetime.now(UTC))))


@router.get(ENTRIES, dependencies=[ANALYST], **documented_as_table(EntriesResponse, EntriesQuery))
async def entries(request: Request, name: ListNamePath) -> Response:
    """The entries of a list that count; as CSV where `Accept` asks for it, which may be sent again."""
    asked, now = query(request, EntriesQuery), datetime.now(UTC)
    list_wiring.lists().named(name)
    page, cursors, of = _page(name, asked, now), dynamo_wiring.cursors(), {"list": f"entries of {name}"}
    cursor = None if page.after is None else cursors.seal(of, page.after)
    response = entries_response(name, page.entries, asked.limit, cursor, now)
    if accepts_csv(request):
        return csv_response(request, entries_csv(response["entries"]), f"{name}.csv", cursor)
    return json_response(response)


@router.post(ENTRIES, dependencies=[ANALYST], **documented_json_or_csv(AdditionResponse, EntryRequest))
async def add(request: Request, name: ListNamePath) -> Response:
    """Put a value on a list, or up to 10,000 from a CSV with the columns value, note, expires_at."""
    arrived, by, now = time.monotonic(), author(request), datetime.now(UTC)
    if not sends_csv(request):
        entry, done = _lists().add(name, read_entry(await json_body(request)), by, now)
        return json_response(addition_response(name, entry, done, now))
    body, of = await csv_body(request), list_wiring.lists().named(name)
    lines = read_entries(body, of, now)
    response = file_response(name, _lists().add_lines(of, lines, by, now, arrived + WRITES_STOP_S))
    if (logged := list_file_entry(body, response, by, now)) is not None:
        audit_wiring.audit_log().add(logged)
    return json_response(response, addition_result(response))


@router.delete(
    f"{ENTRIES}/{{listed_value:segment}}", dependencies=[ANALYST], **documented(RemovalResponse, raises=(NotFound,))
)
async def remove(request: Request, name: ListNamePath, listed_value: ListedValuePath) -> Response:
    """Take a value off a list."""
    now = datetime.now(UTC)
    left = list_wiring.lists().remove(name, listed_value, author(request), now)
    return json_response({"name": name, "entry": entry_object(left, now)})


def _page(name: str, asked: EntriesQuery, now: datetime) -> EntriesPage:
    store = list_wiring.list_store()
    if asked.value is not None:
        found = store.entry(name, asked.value)
        return EntriesPage([] if found is None else [found], None)
    cursors = dynamo_wiring.cursors()
    after = None if asked.cursor is None else position(cursors.open({"list": f"entries of {name}"}, asked.cursor))
    return store.page(name, now, after, asked.limit)


def _lists() -> ListService:
    """With the rules in force, which say what an analyst may let pass."""
    return list_wiring.lists(TrustedLists(policy_wiring.policies(), event_type_wiring.event_types().all))
