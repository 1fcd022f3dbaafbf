"""The audit log as the API shows it: what can be asked for, and its entries as JSON and CSV."""

import csv
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from typing import Annotated

from typing_extensions import TypedDict

from fraudshield.audit.audit import ACTIONS, KINDS, Kind
from fraudshield.audit.port import AuditPage, NumberedEntry, Span
from fraudshield.errors import Malformed
from fraudshield.text.csv_cell import safe_name
from fraudshield.text.query import Day, PageQuery
from fraudshield.text.schema import Moment, one_of
from fraudshield.text.timestamp import timestamp

BEGINNING = date(2026, 1, 1)
DAY = timedelta(days=1)


class AuditQuery(PageQuery):
    """Entries from `since` to `until`, days in UTC, both included; all there are by default. `kind`: of that only."""

    since: Day | None = None
    until: Day | None = None
    kind: Kind | None = None

    @property
    def asked(self) -> dict[str, object]:
        """The list and its filter, for the cursor to be bound to."""
        return {"list": "audit", **self.filter}

    def span(self, now: datetime) -> Span:
        """The moments that are asked for. The clocks of two processes may differ, so it ends after now."""
        until = _midnight(self.until) + DAY if self.until else now + DAY
        return Span(_midnight(max(self.since or BEGINNING, BEGINNING)), until, self.kind)


class AuditObject(TypedDict):
    """An entry. `before` and `after` are SHA-256; null where there was nothing, or is nothing.

    `subject` is the name of a document, the id of a subscriber or an alarm, the mark of an erasure's receipt, for a
    label the first 32 hex digits of the SHA-256 of its transaction_id, and `labels` for a file of them.
    """

    id: str
    at: Moment
    kind: Annotated[str, one_of(*KINDS)]
    action: Annotated[str, one_of(*ACTIONS)]
    subject: str
    version: int | None
    before: str | None
    after: str | None
    counts: dict[str, int]
    key_id: str
    plan: str
    actor: str
    address: str
    request_id: str


class AuditResponse(TypedDict):
    """Entries, newest first. A page may be short without being the last: that is the one without `next_cursor`."""

    entries: list[AuditObject]
    count: int
    limit: int
    next_cursor: str | None


COLUMNS = tuple(AuditObject.__annotations__)


def position(content: object) -> int:
    """Reads the position in a cursor. Raises Malformed."""
    if isinstance(content, str) and content.isdecimal():
        return int(content)
    raise Malformed("The cursor is of another version; start again without it", code="invalid_cursor")


def audit_response(page: AuditPage, limit: int, next_cursor: str | None) -> AuditResponse:
    """A page as JSON has it."""
    entries = [_object(one) for one in page.entries]
    return {"entries": entries, "count": len(entries), "limit": limit, "next_cursor": next_cursor}


def audit_csv(entries: Sequence[AuditObject]) -> str:
    """The same as CSV (RFC 4180): no cell can become a formula, null is empty, counts are `name=1 other=2`."""
    written = StringIO()
    table = csv.writer(written)
    table.writerow(COLUMNS)
    for one in entries:
        counts = " ".join(f"{name}={count}" for name, count in one["counts"].items())
        cells = {**one, "counts": counts}
        table.writerow(["" if cells[name] is None else safe_name(str(cells[name])) for name in COLUMNS])
    return written.getvalue()


def _object(one: NumberedEntry) -> AuditObject:
    entry = one.entry
    return {
        "id": str(one.number),
        "at": timestamp(entry.at),
        "kind": entry.kind,
        "action": entry.action,
        "subject": entry.subject,
        "version": entry.version,
        "before": entry.before,
        "after": entry.after,
        "counts": dict(entry.counts),
        "key_id": entry.author.key_id,
        "plan": entry.author.plan,
        "actor": entry.author.actor,
        "address": entry.author.address,
        "request_id": entry.author.request_id,
    }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
