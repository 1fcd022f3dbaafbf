"""The lists of dearest flagged destinations in the table of counts: for each day and source an item of bounded size."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.analytics.destination import DESTINATIONS, Destination, Destinations, Flagged, with_flagged
from fraudshield.aws import client
from fraudshield.dynamo.page import batches
from fraudshield.dynamo.record import attributes, from_attributes
from fraudshield.errors import StoreUnavailable
from fraudshield.retention import DESTINATION_DAYS
from fraudshield.text import signature

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

MARK_LENGTH = 16  # hexadecimal digits: 64 bits tell a few thousand accounts apart
NEW = "attribute_not_exists(series)"


@dataclass(frozen=True, slots=True)
class DestinationLists:
    """On the aggregates table; `key` is the signing secret's for marks of destinations."""

    table: str
    key: bytes

    def writes(self, found: Iterable[Flagged]) -> list[Any]:
        """The lists with these on them, as entries of one transaction that fails where another was quicker.

        Raises StoreUnavailable.
        """
        by_bucket: dict[str, list[tuple[str, Flagged]]] = defaultdict(list)
        for one in found:
            by_bucket[one.bucket].append((self._mark(one.destination), one))
        there = self._read(by_bucket)
        return [{"Put": self._put(bucket, there.get(bucket), marked)} for bucket, marked in by_bucket.items()]

    def _put(self, bucket: str, before: "Item | None", marked: list[tuple[str, Flagged]]) -> dict[str, Any]:
        version = int(before["version"]["N"]) if before else 0
        item = _key(bucket) | attributes(
            {
                "version": version + 1,
                "top": {mark: _entry(one) for mark, one in with_flagged(entries(before), marked).items()},
                "expires_at": _expires_at(bucket),
            }
        )
        if not before:
            return {"TableName": self.table, "Item": item, "ConditionExpression": NEW}
        return {
            "TableName": self.table,
            "Item": item,
            "ConditionExpression": "version = :read",
            "ExpressionAttributeValues": {":read": before["version"]},
        }

    def _read(self, buckets: Collection[str]) -> Mapping[str, "Item"]:
        if not buckets:  # DynamoDB refuses to look for nothing
            return {}
        asked = {self.table: {"Keys": [_key(bucket) for bucket in buckets], "ConsistentRead": True}}
        try:
            pages = list(batches(client.counting_dynamodb().batch_get_item, asked, "UnprocessedKeys"))
        except (BotoCoreError, ClientError) as exc:
            raise StoreUnavailable(f"The lists of destinations cannot be read: {type(exc).__name__}") from exc
        return {item["bucket"]["S"]: item for page in pages for item in page["Responses"].get(self.table, [])}

    def _mark(self, destination: str) -> str:
        return signature.digest(self.key, destination.encode()).hex()[:MARK_LENGTH]


def entries(item: "Item | None") -> Destinations:
    """The destinations that an item lists."""
    listed = from_attributes(item)["top"] if item else {}
    return {mark: Destination(one["a"], int(one["n"]), one["o"], one["t"]) for mark, one in listed.items()}


def _entry(one: Destination) -> dict[str, Any]:
    return {"a": one.amount, "n": one.transactions, "o": one.over, "t": one.transaction_id}


def _expires_at(bucket: str) -> int:
    day = date.fromisoformat(bucket.partition("#")[0])
    return int((datetime.combine(day, time(), UTC) + timedelta(days=DESTINATION_DAYS)).timestamp())


def _key(bucket: str) -> "Item":
    return attributes({"series": DESTINATIONS, "bucket": bucket})
