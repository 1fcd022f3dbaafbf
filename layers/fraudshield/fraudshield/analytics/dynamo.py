"""The counts of what was stored, read from DynamoDB: series and bucket name an item, its other attributes count."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from fraudshield.analytics import dynamo_category, dynamo_progress
from fraudshield.analytics.category.category import CategoryRegister
from fraudshield.analytics.destination import DESTINATIONS, Destinations
from fraudshield.analytics.dynamo_destination import entries
from fraudshield.analytics.dynamo_rule import marks_in
from fraudshield.analytics.port import Counters, RuleDay, Slice
from fraudshield.analytics.rule.rule import PREFIX
from fraudshield.analytics.series import DAYS, EXTREME, HISTOGRAM, TOTAL
from fraudshield.aws import client
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.page import items, through
from fraudshield.dynamo.record import attributes

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

PAGE = 100  # days with four sources each: a month of them in one read
SLICES = 400  # of about 1 KB each in one read, which has to come within the time of one request


@dataclass(frozen=True, slots=True)
class DynamoAggregates:
    """The `AggregatesByCategory` and `RuleCounts` ports on one table."""

    table: str
    calls: BoundedCalls

    def days(self, first: date, last: date) -> Iterator[date]:
        """Queries one page at a time, as far as the caller goes."""
        if last < first:  # DynamoDB refuses to look for nothing
            return
        found: date | None = None
        for bucket in self._buckets(DAYS, first.isoformat(), f"{last.isoformat()}#~"):
            day = date.fromisoformat(bucket.partition("#")[0])
            if day != found:
                yield day
            found = day

    def totals(self) -> Mapping[str, Counters]:
        return {bucket: _counters(item) for bucket, item in self._items(TOTAL)}

    def day(self, day: date) -> Mapping[str, Counters]:
        prefix = f"{day.isoformat()}#"
        return {bucket.removeprefix(prefix): _counters(item) for bucket, item in self._items(DAYS, prefix)}

    def histogram(self) -> Mapping[str, Counters]:
        return {bucket: _counters(item) for bucket, item in self._items(HISTOGRAM)}

    def extremes(self) -> Mapping[str, Mapping[str, str]]:
        return {
            bucket: {name: str(next(iter(value.values()))) for name, value in item.items()}
            for bucket, item in self._items(EXTREME)
        }

    def slices(self, series: str, first: str, last: str) -> Iterator[Slice]:
        """Queries one page at a time."""
        for item in self._pages(series, first, last):
            at, source, *version = item["bucket"]["S"].split("#", 2)
            numbers = {name: value for name, value in item.items() if "N" in value}
            yield Slice(at, source, version[0] if version else "", _counters(numbers))

    def destinations(self, first: str, last: str) -> Iterator[tuple[str, Destinations]]:
        for item in self._pages(DESTINATIONS, first, last):
            yield item["bucket"]["S"].partition("#")[2], entries(item)

    def register(self, event_type: str, name: str) -> CategoryRegister:
        key = dynamo_category.key_of(event_type, name)
        get = partial(client.dynamodb().get_item, TableName=self.table, Key=key)
        return dynamo_category.register_in(self.calls.one(get).get("Item"))

    def rules(self, event_type: str, first: str, last: str) -> Iterator[RuleDay]:
        """Queries one page at a time."""
        for item in self._pages(f"{PREFIX}{event_type}", first, last):
            day, _, code = item["bucket"]["S"].partition("#")
            numbers = {name: value for name, value in item.items() if "N" in value and name != "expires_at"}
            yield RuleDay(day, code, _counters(numbers), marks_in(item))

    def _pages(self, series: str, first: str, last: str) -> "Iterator[Item]":
        return items(self._query(), self._between(series, first, f"{last}#~") | {"Limit": SLICES})

    def as_of(self) -> datetime | None:
        get = partial(client.dynamodb().get_item, TableName=self.table, Key=dynamo_progress.key())
        return dynamo_progress.instant_of(self.calls.one(get).get("Item"))

    def _between(self, series: str, first: str, last: str) -> dict[str, Any]:
        return {
            "TableName": self.table,
            "KeyConditionExpression": "series = :series AND #bucket BETWEEN :first AND :last",
            "ExpressionAttributeNames": {"#bucket": "bucket"},  # a word of its own to DynamoDB
            "ExpressionAttributeValues": attributes({":series": series, ":first": first, ":last": last}),
        }

    def _items(self, series: str, prefix: str = " ") -> "Iterator[tuple[str, Item]]":
        """The few items of a series whose buckets begin so, all by default: bucket and the other attributes of each."""
        last = f"{prefix.rstrip()}~"
        for item in self._query()(**self._between(series, prefix, last))["Items"]:
            yield item["bucket"]["S"], {name: item[name] for name in item.keys() - {"series", "bucket"}}

    def _buckets(self, series: str, first: str, last: str) -> Iterator[str]:
        """Names of buckets from the last to the first."""
        asked = self._between(series, first, last) | {
            "ProjectionExpression": "#bucket",
            "ScanIndexForward": False,
            "Limit": PAGE,
        }
        return (item["bucket"]["S"] for item in items(self._query(), asked))

    def _query(self) -> Callable[..., Any]:
        return through(self.calls, client.dynamodb().query)


def _counters(item: "Item") -> Counters:
    return {name: Decimal(value["N"]) for name, value in item.items()}
