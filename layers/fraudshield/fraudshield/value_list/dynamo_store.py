"""The table of lists: items by their keys, a hundred at once, and those of one partition."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from fraudshield.aws import client
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.page import batches, items, through
from fraudshield.dynamo.record import attributes
from fraudshield.text.timestamp import instant
from fraudshield.value_list.dynamo_item import DEFINITIONS, ENTRY, PART

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

KEYS_PER_READ, ITEMS_PER_WRITE = 100, 25  # as many as DynamoDB takes in one batch
COUNTS = "attribute_not_exists(#removed_at) AND (attribute_not_exists(#ends_at) OR #ends_at > :now)"


@dataclass(frozen=True, slots=True)
class ListRows:
    """The items of the table, read consistently. What is called `now` raises botocore's errors, the rest ours."""

    table: str
    calls: BoundedCalls

    def get(self, key: "Item") -> "Item | None":
        """One item. Raises StoreUnavailable."""
        return self.calls.one(partial(self.now, key))

    def now(self, key: "Item") -> "Item | None":
        """One item."""
        return client.dynamodb().get_item(TableName=self.table, Key=key, ConsistentRead=True).get("Item")

    def each(self, keys: "Sequence[Item]") -> "list[Item]":
        """Those of the items that there are, in any order. Raises StoreUnavailable."""
        return self.calls.one(partial(self.each_now, keys))

    def each_now(self, keys: "Sequence[Item]") -> "list[Item]":
        """Those of the items that there are, in any order."""
        found: list[Item] = []
        for start in range(0, len(keys), KEYS_PER_READ):
            asked = {self.table: {"Keys": keys[start : start + KEYS_PER_READ], "ConsistentRead": True}}
            for response in batches(client.dynamodb().batch_get_item, asked, "UnprocessedKeys"):
                found += response["Responses"].get(self.table, [])
        return found

    def write(self, writes: Sequence[Any]) -> None:
        """Makes all writes. Raises StoreUnavailable: some may be made."""
        self.calls.one(partial(self.write_now, writes))

    def write_now(self, writes: Sequence[Any]) -> None:
        """Makes all writes."""
        for start in range(0, len(writes), ITEMS_PER_WRITE):
            asked = {self.table: writes[start : start + ITEMS_PER_WRITE]}
            for _ in batches(client.dynamodb().batch_write_item, asked, "UnprocessedItems"):
                pass

    def names(self) -> list[str]:
        """The names of all lists. Raises StoreUnavailable."""
        return [item[ENTRY]["S"] for item in self.all_in(DEFINITIONS)]

    def all_in(self, part: str) -> "Iterator[Item]":
        """All items of a partition. Raises StoreUnavailable."""
        return items(through(self.calls, client.dynamodb().query), self._in_part(part))

    def counting(self, part: str, after: str, now: datetime, most: int) -> Any:
        """A page of a partition's entries that count now, behind `after`. Raises StoreUnavailable."""
        asked = self._in_part(part)
        asked["KeyConditionExpression"] += " AND #entry > :after"
        asked["ExpressionAttributeNames"] |= {"#entry": ENTRY, "#removed_at": "removed_at", "#ends_at": "ends_at"}
        asked["ExpressionAttributeValues"] |= attributes({":after": after, ":now": instant(now)})
        return self.calls.one(partial(client.dynamodb().query, **asked, FilterExpression=COUNTS, Limit=most))

    def _in_part(self, part: str) -> dict[str, Any]:
        return {
            "TableName": self.table,
            "KeyConditionExpression": "#part = :part",
            "ExpressionAttributeNames": {"#part": PART},
            "ExpressionAttributeValues": attributes({":part": part}),
            "ConsistentRead": True,
        }
