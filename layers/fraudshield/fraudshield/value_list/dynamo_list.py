"""Whole lists, and entries with their history, read from DynamoDB where no payment waits."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fraudshield.aws import client
from fraudshield.dynamo.page import Calls, batches, items, through
from fraudshield.dynamo.record import attributes
from fraudshield.text.timestamp import instant
from fraudshield.value_list.as_of import Place
from fraudshield.value_list.dynamo_item import DIGITS, ENTRY, PART, entry_in, entry_key, part_of
from fraudshield.value_list.dynamo_store import COUNTS, KEYS_PER_READ
from fraudshield.value_list.value_list import ListEntry

NAMES = {"#part": PART, "#entry": ENTRY, "#ends_at": "ends_at", "#removed_at": "removed_at"}


@dataclass(frozen=True, slots=True)
class DynamoListHistory:
    """Implements the ports `ListHistory` and `WholeLists`. Reads are eventually consistent: half as dear."""

    table: str
    calls: Calls

    def entries(self, places: Sequence[Place]) -> Mapping[Place, ListEntry]:
        found: dict[Place, ListEntry] = {}
        read = through(self.calls, client.files_dynamodb().batch_get_item)
        for start in range(0, len(places), KEYS_PER_READ):
            keys = [entry_key(*place) for place in places[start : start + KEYS_PER_READ]]
            asked: Any = {self.table: {"Keys": keys}}
            for response in batches(read, asked, "UnprocessedKeys"):
                for item in response["Responses"].get(self.table, []):
                    entry = entry_in(item)
                    found[item[PART]["S"].partition("#")[0], entry.value] = entry
        return found

    def digests(self, name: str, at: datetime) -> Iterator[bytes]:
        """Partition by partition, which is the order of the digests."""
        query = through(self.calls, client.files_dynamodb().query)
        for digit in DIGITS:
            asked: Any = {
                "TableName": self.table,
                "KeyConditionExpression": "#part = :part",
                "FilterExpression": COUNTS,
                "ProjectionExpression": "#entry",
                "ExpressionAttributeNames": NAMES,
                "ExpressionAttributeValues": attributes({":part": part_of(name, digit), ":now": instant(at)}),
            }
            yield from (bytes.fromhex(item[ENTRY]["S"]) for item in items(query, asked))
