"""Whose payments rules held for, in the table of counts: in each rule's item of a day a set of marks of bounded size.

A set takes the same mark once however often it is added, so that what is counted again adds nothing. Names are not
kept: a keyed mark stands for each.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.analytics.rule.rule import MARKS, MOST_ACCOUNTS, RuleAccount
from fraudshield.analytics.series import Bucket
from fraudshield.aws import client
from fraudshield.dynamo.page import batches
from fraudshield.dynamo.record import attributes
from fraudshield.errors import StoreUnavailable
from fraudshield.text import signature

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item


MARK_LENGTH = 10  # hexadecimal digits: of a thousand accounts two have the same once in two million rules
MOST_KNOWN = 1000  # buckets whose marks are remembered


@dataclass(frozen=True, slots=True)
class RuleAccounts:
    """On the aggregates table; `key` is the signing secret's for marks. What it read it knows."""

    table: str
    key: bytes
    known: dict[Bucket, frozenset[str]] = field(default_factory=dict)

    def new(self, found: Iterable[RuleAccount]) -> Mapping[Bucket, frozenset[str]]:
        """The marks that are to be added, as far as there is room for them. Raises StoreUnavailable."""
        marks: dict[Bucket, set[str]] = defaultdict(set)
        for one in found:
            marks[one.bucket].add(self._mark(one.account))
        self._look([bucket for bucket, some in marks.items() if not self._settled(bucket, some)])
        added = {bucket: sorted(some - self._there(bucket)) for bucket, some in marks.items()}
        room = {bucket: max(0, MOST_ACCOUNTS - len(self._there(bucket))) for bucket in marks}
        return {bucket: frozenset(some[: room[bucket]]) for bucket, some in added.items() if some and room[bucket]}

    def _settled(self, bucket: Bucket, marks: set[str]) -> bool:
        there = self._there(bucket)
        return len(there) >= MOST_ACCOUNTS or marks <= there

    def _there(self, bucket: Bucket) -> frozenset[str]:
        return self.known.get(bucket, frozenset())

    def _look(self, buckets: list[Bucket]) -> None:
        if not buckets:  # DynamoDB refuses to look for nothing
            return
        if len(self.known) > MOST_KNOWN:
            self.known.clear()
        asked = {self.table: {"Keys": [_key(bucket) for bucket in buckets], "ConsistentRead": True}}
        try:
            pages = list(batches(client.counting_dynamodb().batch_get_item, asked, "UnprocessedKeys"))
        except (BotoCoreError, ClientError) as exc:
            raise StoreUnavailable(f"The accounts of rules cannot be read: {type(exc).__name__}") from exc
        for page in pages:
            for item in page["Responses"].get(self.table, []):
                self.known[item["series"]["S"], item["bucket"]["S"]] = marks_in(item)

    def _mark(self, account: str) -> str:
        return signature.digest(self.key, account.encode()).hex()[:MARK_LENGTH]


def marks_in(item: "Item") -> frozenset[str]:
    """The marks that an item holds."""
    return frozenset(item[MARKS]["SS"]) if MARKS in item else frozenset()


def _key(bucket: Bucket) -> "Item":
    return attributes({"series": bucket[0], "bucket": bucket[1]})
