"""Log entries in DynamoDB: a series for each level, by time. What is written again is the same item."""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from fraudshield.aws import client
from fraudshield.budget import LIST_S
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.record import attributes, from_attributes
from fraudshield.errors import StoreUnavailable
from fraudshield.monitoring.log import LogEntry
from fraudshield.monitoring.log_list import Found, LogsQuery, Position, joined

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

LOOKED_AT = 1000  # of each level, where only a service's are wanted: about half a megabyte
TEXTS = ("service", "message", "location", "request_id", "function_request_id")


@dataclass(frozen=True, slots=True)
class DynamoLogs:
    """Stores log entries in one table, whose items age out after `days`."""

    table: str
    calls: BoundedCalls
    days: int

    def add(self, entries: Iterable[LogEntry], stop_at: float) -> None:
        """Stores entries; safe to repeat. Raises StoreUnavailable where any is not stored by `stop_at`."""
        client.dynamodb()  # made before the clock starts
        puts = [partial(self._put, entry) for entry in entries]
        for done in self.calls.each(puts, stop_at):
            if isinstance(done, StoreUnavailable):
                raise done

    def newest(self, asked: LogsQuery, position: Position) -> tuple[dict[str, LogEntry], str | None]:
        """Returns a page by sort key, newest first, and where the next begins. Raises StoreUnavailable.

        There is one query for each level. With a service or a request the page may be short, or empty, and
        still not the last.
        """
        client.dynamodb()
        queries = [partial(self._query, level, asked, position) for level in asked.levels]
        found = []
        for level in self.calls.each(queries, time.monotonic() + LIST_S):
            if isinstance(level, StoreUnavailable):
                raise level
            found.append(level)
        entries, before = joined(found, asked.limit)
        return dict(entries), before

    def _put(self, entry: LogEntry) -> None:
        client.dynamodb().put_item(TableName=self.table, Item=self._item(entry))

    def _item(self, entry: LogEntry) -> "Item":
        texts = {name: getattr(entry, name) for name in TEXTS}
        rest = {
            "series": _series(entry.level),
            "at": entry.sort_key,
            "details": json.dumps(entry.details),
            "expires_at": int((entry.at + timedelta(days=self.days)).timestamp()),
        }
        return attributes(texts | rest)

    def _query(self, level: str, asked: LogsQuery, position: Position) -> Found:
        values: Item = attributes({":series": _series(level), ":since": position.since, ":before": position.before})
        query: dict[str, Any] = {
            "TableName": self.table,
            "KeyConditionExpression": "series = :series AND #at BETWEEN :since AND :before",
            "ExpressionAttributeNames": {"#at": "at"},
            "ExpressionAttributeValues": values,
            "ScanIndexForward": False,
            "Limit": asked.limit + 1,  # BETWEEN includes both its ends, and one has been shown
        }
        if conditions := _conditions(asked):
            query |= {"FilterExpression": " AND ".join(conditions), "Limit": LOOKED_AT}
            values |= attributes({":service": asked.service, ":id": asked.request_id, ":given": _given(asked)})
        page = client.dynamodb().query(**query)
        entries = {item["at"]["S"]: _entry(level, item) for item in page["Items"]}
        entries.pop(position.before, None)
        return Found(entries, page["LastEvaluatedKey"]["at"]["S"] if "LastEvaluatedKey" in page else "")


def _conditions(asked: LogsQuery) -> list[str]:
    """What leaves out entries that are looked at."""
    by_id = "(request_id = :id OR function_request_id = :id OR contains(details, :given))"
    return [*(["service = :service"] if asked.service else []), *([by_id] if asked.request_id else [])]


def _given(asked: LogsQuery) -> str | None:
    """How an entry's details have the id that the caller gave."""
    return asked.request_id and json.dumps({"client_request_id": asked.request_id})[1:-1]


def _series(level: str) -> str:
    return f"log#{level}"


def _entry(level: str, item: "Item") -> LogEntry:
    stored = from_attributes(item)
    at, _, key = stored["at"].partition("#")
    texts = {name: stored[name] for name in TEXTS}
    moment = datetime.fromisoformat(at).astimezone(UTC)
    return LogEntry(key, moment, level, details=json.loads(stored["details"]), **texts)
