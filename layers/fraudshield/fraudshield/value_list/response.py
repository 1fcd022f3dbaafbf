"""Lists and their entries as the API shows them."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from io import StringIO
from typing import Annotated, NotRequired

from typing_extensions import TypedDict

from fraudshield.audit.audit import AuditEntry, Author
from fraudshield.errors import Malformed
from fraudshield.result import Result
from fraudshield.text.csv_cell import safe_name
from fraudshield.text.schema import Moment, one_of
from fraudshield.text.timestamp import timestamp
from fraudshield.value_list.port import AdditionResult
from fraudshield.value_list.request import COLUMNS, RefusedEntryLine
from fraudshield.value_list.value_list import ListEntry, ValueList

POSITION = re.compile("[0-9a-f]{1,32}")
STATES = ("on", "expired", "removed")


class ListObject(TypedDict):
    """A list; `by` is the key that described it last, `actor` who its bearer said to be."""

    name: str
    kind: str
    description: str
    created_at: Moment
    changed_at: Moment
    by: str
    actor: NotRequired[str]


class ListsResponse(TypedDict):
    """All lists, by name."""

    lists: list[ListObject]
    count: int


class EntryObject(TypedDict):
    """An entry. `state` says whether it counts: one that was removed or has expired is kept for 90 days."""

    value: str
    note: str
    state: Annotated[str, one_of(*STATES)]
    added_at: Moment
    expires_at: Moment | None
    removed_at: Moment | None
    by: str
    actor: NotRequired[str]


class EntriesResponse(TypedDict):
    """Entries in an order of their own, which stays. A page may be short without being the last."""

    name: str
    entries: list[EntryObject]
    count: int
    limit: int
    next_cursor: str | None


class EntryLineError(TypedDict):
    """A line whose value was not added."""

    line: int
    code: str
    detail: str


class AdditionResponse(TypedDict):
    """What became of the values that were sent: one, which is then the `entry`, or a file's, a line each.

    `changed` ones were on the list and have another note or end now. Lines in `errors` can be sent again by themselves.
    """

    name: str
    status: Annotated[str, one_of("success", "partial", "failed")]
    lines: int
    added: int
    changed: int
    unchanged: int
    failed: int
    errors: list[EntryLineError]
    entry: NotRequired[EntryObject]


class RemovalResponse(TypedDict):
    """The entry that has left the list; decisions count it no longer within a minute."""

    name: str
    entry: EntryObject


def position(content: object) -> str:
    """Reads the position in a cursor. Raises Malformed."""
    if isinstance(content, str) and POSITION.fullmatch(content):
        return content
    raise Malformed("The cursor is of another version; start again without it", code="invalid_cursor")


def list_object(one: ValueList) -> ListObject:
    """A list as JSON has it."""
    made: ListObject = {
        "name": one.name,
        "kind": one.kind,
        "description": one.description,
        "created_at": timestamp(one.created_at),
        "changed_at": timestamp(one.changed_at),
        "by": one.by,
    }
    if one.actor:
        made["actor"] = one.actor
    return made


def lists_response(lists: Sequence[ValueList]) -> ListsResponse:
    """All lists as JSON has them."""
    return {"lists": [list_object(one) for one in lists], "count": len(lists)}


def entry_object(entry: ListEntry, now: datetime) -> EntryObject:
    """An entry as JSON has it."""
    made: EntryObject = {
        "value": entry.value,
        "note": entry.note,
        "state": entry.state(now),
        "added_at": timestamp(entry.added_at),
        "expires_at": timestamp(entry.expires_at) if entry.expires_at else None,
        "removed_at": timestamp(entry.removed_at) if entry.removed_at else None,
        "by": entry.by,
    }
    if entry.actor:
        made["actor"] = entry.actor
    return made


def entries_response(
    name: str, entries: Sequence[ListEntry], limit: int, next_cursor: str | None, now: datetime
) -> EntriesResponse:
    """A page as JSON has it."""
    shown = [entry_object(one, now) for one in entries]
    return {"name": name, "entries": shown, "count": len(shown), "limit": limit, "next_cursor": next_cursor}


def entries_csv(entries: Sequence[EntryObject]) -> str:
    """The same as CSV (RFC 4180) that may be sent again; no cell can become a formula."""
    written = StringIO()
    table = csv.writer(written)
    table.writerow(COLUMNS)
    table.writerows([safe_name(one["value"]), safe_name(one["note"]), one["expires_at"] or ""] for one in entries)
    return written.getvalue()


def addition_response(name: str, entry: ListEntry, done: AdditionResult, now: datetime) -> AdditionResponse:
    """What became of one value."""
    return {**file_response(name, [done]), "entry": entry_object(entry, now)}


def file_response(name: str, done: Sequence[AdditionResult | RefusedEntryLine]) -> AdditionResponse:
    """What became of each line of a file."""
    counts = Counter(one for one in done if isinstance(one, AdditionResult))
    errors: list[EntryLineError] = [
        {"line": one.number, "code": one.fault.code, "detail": _said(one)}
        for one in done
        if isinstance(one, RefusedEntryLine)
    ]
    return {
        "name": name,
        "status": "success" if not errors else "partial" if len(errors) < len(done) else "failed",
        "lines": len(done),
        "added": counts[AdditionResult.ADDED],
        "changed": counts[AdditionResult.CHANGED],
        "unchanged": counts[AdditionResult.UNCHANGED],
        "failed": len(errors),
        "errors": errors,
    }


def addition_result(response: AdditionResponse) -> Result:
    """The request's result: done when any value was taken."""
    return Result.ALL_FAILED if response["status"] == "failed" else Result.DONE


def list_file_entry(body: bytes, response: AdditionResponse, by: Author, at: datetime) -> AuditEntry | None:
    """The audit log's entry of a file: the digest of what was sent, and what became of its lines.

    None where every value failed; one that changes nothing has an entry too, for it may be sent again because the entry
    of the first time could not be written.
    """
    if response["status"] == "failed":
        return None
    counts = {
        "lines": response["lines"],
        "added": response["added"],
        "changed": response["changed"],
        "unchanged": response["unchanged"],
        "failed": response["failed"],
    }
    return AuditEntry(at, by, "list_file", "recorded", response["name"], after=sha256(body).hexdigest(), counts=counts)


def _said(line: RefusedEntryLine) -> str:
    return f"{line.fault.pointer.removeprefix('/')}: {line.fault.detail}".removeprefix(": ")
