"""Log entries in a list, newest first: what can be asked for, and how the levels' lists become one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from fraudshield.errors import Malformed
from fraudshield.monitoring.log import LEVELS, LogEntry, place
from fraudshield.text.query import Query, Whole
from fraudshield.text.schema import Moment, one_of
from fraudshield.text.timestamp import timestamp
from fraudshield.transaction.transaction import Instant

DAY = timedelta(days=1)
AFTER_ALL = "~"


class LogsQuery(Query):
    """Entries of at least this level, since then (the last day, where nothing is said). Below WARNING none are kept."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "WARNING"
    service: Annotated[str | None, Field(pattern=r"^[a-z][a-z_-]{0,31}$")] = None
    since: Instant | None = None
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
        return {"list": "logs", "level": self.levels[0], "service": self.service, "since": since}


@dataclass(frozen=True, slots=True)
class Position:
    """Where a list goes on: before the place of an entry, down to `since`. Places are texts in the order of time."""

    before: str
    since: str


@dataclass(frozen=True, slots=True)
class Found:
    """Entries of one level by their place. None at or after `complete_to` is missing; empty: none at all is."""

    entries: Mapping[str, LogEntry]
    complete_to: str


class LogObject(TypedDict):
    """An entry as it is answered. `details` is what the line said beside the rest."""

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
    """A page, newest first, and the place before which the next one goes on; None where there is nothing more."""
    complete_to = max(level.complete_to for level in levels)
    sure = {place: entry for level in levels for place, entry in level.entries.items() if place >= complete_to}
    places = sorted(sure, reverse=True)
    shown = {place: sure[place] for place in places[:limit]}
    if len(places) > limit:
        return shown, places[limit - 1]
    return shown, complete_to or None


def start(asked: LogsQuery, now: datetime) -> Position:
    """Where a list begins: with the newest."""
    return Position(AFTER_ALL, place(asked.since or now - DAY))


def position(content: object) -> Position:
    """What a cursor held."""
    match content:
        case [str(before), str(since)]:
            return Position(before, since)
    raise Malformed("The cursor is of another version; start again without it", code="invalid_cursor")


def logs_response(entries: Mapping[str, LogEntry], limit: int, next_cursor: str | None) -> LogsResponse:
    """The envelope."""
    logs = [_object(place, entry) for place, entry in entries.items()]
    return {"logs": logs, "count": len(logs), "limit": limit, "next_cursor": next_cursor}


def _object(place: str, entry: LogEntry) -> LogObject:
    return {
        "id": place,
        "timestamp": timestamp(entry.at),
        "level": entry.level,
        "service": entry.service,
        "message": entry.message,
        "location": entry.location,
        "request_id": entry.request_id,
        "function_request_id": entry.function_request_id,
        "details": dict(entry.details),
    }
