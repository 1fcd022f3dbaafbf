"""The lists of dearest flagged destinations in the table of counts: for each day and source an item of bounded size."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield import signature
from fraudshield.aws import clients
from fraudshield.destination import DESTINATIONS, Destination, Destinations, Flagged, with_more
from fraudshield.errors import StoreUnavailable
from fraudshield.keeping import DESTINATION_DAYS

if TYPE_CHECKING:
    from fraudshield.aws.attribute import Item

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
        item = _key(bucket) | {
            "version": {"N": str(version + 1)},
            "top": {"M": {mark: _entry(one) for mark, one in with_more(entries(before), marked).items()}},
            "expires_at": {"N": str(_expires_at(bucket))},
        }
        if not before:
            return {"TableName": self.table, "Item": item, "ConditionExpression": NEW}
        return {
            "TableName": self.table,
            "Item": item,
            "ConditionExpression": "version = :read",
            "ExpressionAttributeValues": {":read": before["version"]},
        }

    def _read(self, buckets: Collection[str]) -> Mapping[str, "Item"]:
        asked: Any = {self.table: {"Keys": [_key(bucket) for bucket in buckets], "ConsistentRead": True}}
        found: dict[str, Item] = {}
        while buckets and asked:
            try:
                page = clients.counting_dynamodb().batch_get_item(RequestItems=asked)
            except (BotoCoreError, ClientError) as exc:
                raise StoreUnavailable(f"The lists of destinations cannot be read: {type(exc).__name__}") from exc
            found |= {item["bucket"]["S"]: item for item in page["Responses"].get(self.table, [])}
            asked = page.get("UnprocessedKeys")
        return found

    def _mark(self, destination: str) -> str:
        return signature.digest(self.key, destination.encode()).hex()[:MARK_LENGTH]


def entries(item: "Item | None") -> Destinations:
    """What an item lists."""
    listed: Any = item["top"]["M"] if item else {}
    return {
        mark: Destination(
            amount=Decimal(one["M"]["a"]["N"]),
            transactions=int(one["M"]["n"]["N"]),
            over=Decimal(one["M"]["o"]["N"]),
            transaction_id=one["M"]["t"]["S"],
        )
        for mark, one in listed.items()
    }


def _entry(one: Destination) -> Any:
    numbers = {"a": one.amount, "n": Decimal(one.transactions), "o": one.over}
    return {
        "M": {name: {"N": format(value, "f")} for name, value in numbers.items()} | {"t": {"S": one.transaction_id}}
    }


def _expires_at(bucket: str) -> int:
    day = date.fromisoformat(bucket.partition("#")[0])
    return int((datetime.combine(day, time(), UTC) + timedelta(days=DESTINATION_DAYS)).timestamp())


def _key(bucket: str) -> "Item":
    return {"series": {"S": DESTINATIONS}, "bucket": {"S": bucket}}
