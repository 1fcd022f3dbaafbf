"""The quality ledger in the table of counts: counters by day and source, and rows of refusals, which age out."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fraudshield.analytics.series import DAYS
from fraudshield.aws.client import dynamodb
from fraudshield.budget import ATTEMPTS, NOTE_S
from fraudshield.dynamo.attempt import retried
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.page import items, through
from fraudshield.dynamo.write import CONDITION_FAILED, cancellation_reasons, only_in_the_way
from fraudshield.errors import Fault, StoreUnavailable
from fraudshield.ingest.port import DayCounts
from fraudshield.telemetry import logger
from fraudshield.text.timestamp import instant
from fraudshield.transaction.refusal import Refusal, tally

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

QUALITY = "quality"  # its buckets are as those of DAYS, by the day of receipt
REJECTED = "rejected"  # its buckets are `2026-11-24T10:00:00.000000Z#name`
KEPT_PER_REQUEST = 10
KEPT = timedelta(days=14)
PAGE = 500


@dataclass(frozen=True, slots=True)
class DynamoQualityLedger:
    """The `QualityLedger` port. `notes` have a breaker of their own: a late one is no reason to spare the store."""

    table: str
    calls: BoundedCalls
    notes: BoundedCalls
    page: int = PAGE

    def note(self, refusals: Sequence[Refusal]) -> None:
        """Sends one update of the counters and one write of rows, both within `NOTE_S`."""
        if not refusals:
            return
        client = dynamodb()
        rows: Any = [{"PutRequest": {"Item": _row(one)}} for one in refusals[:KEPT_PER_REQUEST]]
        writes: list[Callable[[], object]] = [
            partial(client.update_item, **self._count(refusals)),
            partial(client.batch_write_item, RequestItems={self.table: rows}),
        ]
        lost = [one for one in self.notes.each(writes, time.monotonic() + NOTE_S) if isinstance(one, StoreUnavailable)]
        if lost:
            logger.warning("refusals not counted", refusals=len(refusals), cause=str(lost[0]))

    def note_once(self, refusal: Refusal) -> None:
        """Writes row and counters in one transaction; the row is the mark that the refusal was counted."""
        self.calls.one(partial(self._note_once, refusal))

    def refused(self, first: date, last: date) -> list[DayCounts]:
        return list(self._days(QUALITY, first, last))

    def stored(self, first: date, last: date) -> list[DayCounts]:
        return list(self._days(DAYS, first, last))

    def recent(self, most: int) -> list[Refusal]:
        values: Item = {":series": {"S": REJECTED}}
        query = partial(
            dynamodb().query,
            TableName=self.table,
            KeyConditionExpression="series = :series",
            ExpressionAttributeValues=values,
            ScanIndexForward=False,
            Limit=most,
        )
        found = self.calls.one(query)
        return [_refusal(item) for item in found["Items"]]

    def _note_once(self, refusal: Refusal) -> None:
        unless_there = "attribute_not_exists(series)"
        put: Any = {"TableName": self.table, "Item": _row(refusal), "ConditionExpression": unless_there}
        writes: Any = [{"Put": put}, {"Update": self._count([refusal])}]
        write = partial(dynamodb().transact_write_items, TransactItems=writes)
        try:
            retried(write, only_in_the_way, pause_s=0, attempts=ATTEMPTS)
        except ClientError as exc:
            if CONDITION_FAILED not in cancellation_reasons(exc):
                raise

    def _count(self, refusals: Sequence[Refusal]) -> Any:
        """Makes the update of the counters; all refusals are of one day and source."""
        counters = sorted(tally(refusals).items())
        return {
            "TableName": self.table,
            "Key": _key(QUALITY, f"{refusals[0].at.date().isoformat()}#{refusals[0].source}"),
            "UpdateExpression": "ADD " + ", ".join(f"#c{i} :c{i}" for i in range(len(counters))),
            "ExpressionAttributeNames": {f"#c{i}": name for i, (name, _) in enumerate(counters)},
            "ExpressionAttributeValues": {f":c{i}": {"N": str(count)} for i, (_, count) in enumerate(counters)},
        }

    def _days(self, series: str, first: date, last: date) -> Iterator[DayCounts]:
        asked: dict[str, Any] = {
            "TableName": self.table,
            "KeyConditionExpression": "series = :series AND #bucket BETWEEN :first AND :last",
            "ExpressionAttributeNames": {"#bucket": "bucket"},
            "ExpressionAttributeValues": {
                ":series": {"S": series},
                ":first": {"S": first.isoformat()},
                ":last": {"S": f"{last.isoformat()}#~"},
            },
            "Limit": self.page,
        }
        return map(_day, items(through(self.calls, dynamodb().query), asked))


def _key(series: str, bucket: str) -> "Item":
    return {"series": {"S": series}, "bucket": {"S": bucket}}


def _row(refusal: Refusal) -> "Item":
    """Makes the row of a refusal: the fields at fault and the codes, no value and no account."""
    item: Item = _key(REJECTED, f"{instant(refusal.at)}#{refusal.name}") | {
        "source": {"S": refusal.source},
        "faults": {"L": [{"L": [{"S": pointer}, {"S": code}]} for pointer, code in refusal.fields]},
        "expires_at": {"N": str(int((refusal.at + KEPT).timestamp()))},
    }
    return item | ({"transaction_id": {"S": refusal.transaction_id}} if refusal.transaction_id else {})


def _refusal(item: "Item") -> Refusal:
    at, _, name = item["bucket"]["S"].partition("#")
    faults = tuple(Fault(pointer["S"], "", code["S"]) for pointer, code in (one["L"] for one in item["faults"]["L"]))
    name_of = item["transaction_id"]["S"] if "transaction_id" in item else None
    return Refusal(name, item["source"]["S"], datetime.fromisoformat(at), name_of, faults)


def _day(item: "Item") -> DayCounts:
    day, _, source = item["bucket"]["S"].partition("#")
    counters = {name: int(float(value["N"])) for name, value in item.items() if "N" in value}
    return DayCounts(date.fromisoformat(day), source, counters)
