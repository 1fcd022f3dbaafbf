"""The audit log in DynamoDB: beside the versioned documents, a partition for each year, in the order of time.

A year's calls of administrators and analysts are fewer than one partition takes in minutes: their rate is limited.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from secrets import randbelow
from typing import TYPE_CHECKING, Any

from fraudshield.audit.audit import AuditEntry, Author
from fraudshield.audit.port import AuditPage, NumberedEntry, Span
from fraudshield.aws import client
from fraudshield.dynamo.page import Calls
from fraudshield.dynamo.record import attributes, from_attributes
from fraudshield.dynamo.write import unless_found
from fraudshield.text.timestamp import instant

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from fraudshield.dynamo.record import Item

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_YEAR = 2026  # in which the log began
MICROSECOND = timedelta(microseconds=1)
IN_ONE_MICROSECOND = 1_000_000  # numbers of entries, of which one is drawn
MOST_READS = 10  # of one page; where a kind is rare, a page is short instead of slow
READ = 1000  # entries that are looked at in one call for those of one kind
OPTIONAL = ("before", "after", "actor", "address", "request_id", "plan")


@dataclass(frozen=True, slots=True)
class DynamoAuditLog:
    """Implements the `AuditLog` port on the table of documents, and makes the write that goes with a change."""

    table: str
    calls: Calls
    read: int = READ

    def put(self, entry: AuditEntry) -> "TransactWriteItemTypeDef":
        """The write of an entry, for the transaction of its change. It overwrites nothing."""
        return {
            "Put": {
                "TableName": self.table,
                "Item": _item(entry),
                "ConditionExpression": "attribute_not_exists(#name)",
                "ExpressionAttributeNames": {"#name": "name"},
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }

    def add(self, entry: AuditEntry) -> None:
        """Writes the entry of what was changed in many steps before. Raises StoreUnavailable."""
        put = self.put(entry)
        found = self.calls.one(partial(unless_found, [put]))
        if found is not None and found != put["Put"]["Item"]:  # not our own, whose response was lost
            self.add(entry)  # under another number

    def page(self, span: Span, before: int | None, most: int) -> AuditPage:
        first = _number(span.since)
        last = min(_number(span.until), before or _number(span.until)) - 1
        found: list[NumberedEntry] = []
        for _ in range(MOST_READS):
            year = _year(last)
            if last < first or year < FIRST_YEAR:
                return AuditPage(found, None)
            lowest = max(first, _number(datetime(year, 1, 1, tzinfo=UTC)))
            answer = self.calls.one(partial(client.dynamodb().query, **self._asked(span, year, (lowest, last), most)))
            found += map(_numbered, answer["Items"])
            if len(found) >= most:
                shown = found[:most]
                return AuditPage(shown, shown[-1].number)
            ended = "LastEvaluatedKey" not in answer
            last = lowest - 1 if ended else int(answer["LastEvaluatedKey"]["version"]["N"]) - 1
        return AuditPage(found, last + 1)

    def _asked(self, span: Span, year: int, numbers: tuple[int, int], most: int) -> dict[str, Any]:
        lowest, highest = numbers
        asked: dict[str, Any] = {
            "TableName": self.table,
            "KeyConditionExpression": "#name = :name AND #version BETWEEN :lowest AND :highest",
            "ExpressionAttributeNames": {"#name": "name", "#version": "version"},
            "ExpressionAttributeValues": attributes(
                {":name": _partition(year), ":lowest": lowest, ":highest": highest, ":kind": span.kind}
            ),
            "ScanIndexForward": False,
            "ConsistentRead": True,
            "Limit": self.read if span.kind else most,
        }
        return asked | ({"FilterExpression": "kind = :kind"} if span.kind else {})


def _partition(year: int) -> str:
    return f"audit#{year}"


def _number(at: datetime) -> int:
    """The least number of an entry of this moment."""
    return (at - EPOCH) // MICROSECOND * IN_ONE_MICROSECOND


def _year(number: int) -> int:
    return (EPOCH + MICROSECOND * (number // IN_ONE_MICROSECOND)).year


def _item(entry: AuditEntry) -> "Item":
    author = entry.author
    said: dict[str, Any] = {
        "before": entry.before,
        "after": entry.after,
        "plan": author.plan,
        "actor": author.actor,
        "address": author.address,
        "request_id": author.request_id,
    }
    return attributes(
        {
            "name": _partition(entry.at.year),
            "version": _number(entry.at) + randbelow(IN_ONE_MICROSECOND),
            "at": instant(entry.at),
            "kind": entry.kind,
            "action": entry.action,
            "subject": entry.subject,
            "document_version": entry.version,
            "counts": dict(entry.counts) or None,
            "key_id": author.key_id,
            **{name: value or None for name, value in said.items()},
        }
    )


def _numbered(item: "Item") -> NumberedEntry:
    stored = from_attributes(item)
    version = stored.get("document_version")
    said = {name: stored.get(name) for name in OPTIONAL}
    author = Author(
        key_id=stored["key_id"],
        plan=said["plan"] or "",
        actor=said["actor"] or "",
        address=said["address"] or "",
        request_id=said["request_id"] or "",
    )
    entry = AuditEntry(
        at=datetime.fromisoformat(stored["at"]),
        author=author,
        kind=stored["kind"],
        action=stored["action"],
        subject=stored["subject"],
        before=said["before"],
        after=said["after"],
        version=None if version is None else int(version),
        counts={name: int(count) for name, count in stored.get("counts", {}).items()},
    )
    return NumberedEntry(int(stored["version"]), entry)
