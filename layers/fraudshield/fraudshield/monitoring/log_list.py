"""Log entries in a list, newest first: what can be asked for, and how the levels' lists become one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from fraudshield.errors import Malformed
from fraudshield.monitoring.log import LEVELS, LogEntry, sort_key
from fraudshield.text.query import Query, Whole
from fraudshield.text.schema import Moment, one_of
from fraudshield.text.timestamp import timestamp
from fraudshield.transaction.transaction import Instant

DAY = timedelta(days=1)
AFTER_ALL = "~"


class LogsQuery(Query):
    """Entries of at least this level, since then (the last day by default). Below WARNING none are kept.

    `request_id` is ours, the function's own, or the one that the caller gave as X-Request-Id.
    """

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "WARNING"
    service: Annotated[str | None, Field(pattern=r"^[a-z][a-z_-]{0,31}$")] = None
    since: Instant | None = None
    request_id: Annotated[str | None, Field(pattern=r"^[!-~]{1,128}$")] = None
    limit: Annotated[Whole, Field(ge=1, le=1000)] = 100
    cursor: str | None = None

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels that are kept and asked for."""
        return LEVELS[LEVELS.index(self.level) :] if self.level in LEVELS else LEVELS

    @property
    def asked(self) -> Mapping[str, object]:
        """The list and its filter, for the cursor to be bound to."""
        since = timestamp(self.since) if self.since else None
        asked = {"list": "logs", "level": self.levels[0], "service": self.service, "since": since}
        return asked | ({"request_id": self.request_id} if self.request_id else {})


@dataclass(frozen=True, slots=True)
class Position:
    """Where a list continues: before the sort key of an entry, down to `since`. Keys are texts in the order of time."""

    before: str
    since: str


@dataclass(frozen=True, slots=True)
class Found:
    """Entries of one level by sort key. At or after `complete_to` none is missing; where it is empty none is at all."""

    entries: Mapping[str, LogEntry]
    complete_to: str


class LogObject(TypedDict):
    """An entry as the API returns it. `details` is what the line said beside the rest."""

    id: str
    timestamp: Moment
    level: Annotated[str, one_of(*LEVELS)]
    service: str
    message: str
    location: str
    request_id: str
    function_request_id: str
    details: dict[str, Any]


class LogsResponse(TypedDict):
    """Entries, newest first. A page may be short without being the last: that is the one without `next_cursor`."""

    logs: list[LogObject]
    count: int
    limit: int
    next_cursor: str | None


def joined(levels: Sequence[Found], limit: int) -> tuple[Mapping[str, LogEntry], str | None]:
    """Returns a page, newest first, and the key before which the next one begins; None where there is no more."""
    complete_to = max(level.complete_to for level in levels)
    sure = {key: entry for level in levels for key, entry in level.entries.items() if key >= complete_to}
    keys = sorted(sure, reverse=True)
    shown = {key: sure[key] for key in keys[:limit]}
    if len(keys) > limit:
        return shown, keys[limit - 1]
    return shown, complete_to or None


def start(asked: LogsQuery, now: datetime) -> Position:
    """Returns where a list begins: with the newest entry."""
    return Position(AFTER_ALL, sort_key(asked.since or now - DAY))


def position(content: object) -> Position:
    """Reads the position in a cursor."""
    match content:
        case [str(before), str(since)]:
            return Position(before, since)
    raise Malformed("The cursor is of another version; start again without it", code="invalid_cursor")


def logs_response(entries: Mapping[str, LogEntry], limit: int, next_cursor: str | None) -> LogsResponse:
    """Returns the response that lists entries."""
    logs = [_object(key, entry) for key, entry in entries.items()]
    return {"logs": logs, "count": len(logs), "limit": limit, "next_cursor": next_cursor}


def _object(key: str, entry: LogEntry) -> LogObject:
    return {
        "id": key,
        "timestamp": timestamp(entry.at),
        "level": entry.level,
        "service": entry.service,
        "message": entry.message,
        "location": entry.location,
        "request_id": entry.request_id,
        "function_request_id": entry.function_request_id,
        "details": dict(entry.details),
    }
