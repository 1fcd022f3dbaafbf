"""Extremes, and how far counting has come, in the aggregates table."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.analytics.extremes import Extremes
from fraudshield.analytics.series import EXTREME
from fraudshield.aws import client
from fraudshield.dynamo.record import attributes
from fraudshield.dynamo.write import if_allowed
from fraudshield.errors import StoreUnavailable

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

PROGRESS, STREAM = "progress", "stream"  # series and bucket of the item


@dataclass(frozen=True, slots=True)
class ExtremeStore:
    """The extremes in the aggregates table: series `extreme`, a bucket for each source. It remembers what it wrote."""

    table: str
    known: dict[tuple[str, str], Any] = field(default_factory=dict)

    def extend(self, found: Iterable[Extremes]) -> None:
        """Writes what is further than all before, once for each bound. Safe to repeat. Raises StoreUnavailable."""
        for (source, name, grows), value in _furthest(found).items():
            before = self.known.get((source, name))
            if before is None or (value > before if grows else value < before):
                self._keep(source, name, value, grows)
                self.known[source, name] = value

    def _keep(self, source: str, name: str, value: Any, grows: bool) -> None:
        try:
            if_allowed(partial(self._write, source, name, value, grows))  # refused where it is further already
        except (BotoCoreError, ClientError) as exc:
            raise StoreUnavailable(f"An extreme was not written: {type(exc).__name__}") from exc

    def _write(self, source: str, name: str, value: Any, grows: bool) -> None:
        client.counting_dynamodb().update_item(
            TableName=self.table,
            Key=attributes({"series": EXTREME, "bucket": source}),
            UpdateExpression="SET #name = :value",
            ConditionExpression=f"attribute_not_exists(#name) OR #name {'<' if grows else '>'} :value",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues=attributes({":value": value}),
        )


def _furthest(found: Iterable[Extremes]) -> dict[tuple[str, str, bool], Any]:
    """The furthest value of each source and bound; with it whether the bound grows.

    Nearly every payment is later than the last one: written one by one, each would cost a write.
    """
    furthest: dict[tuple[str, str, bool], Any] = {}
    for one in found:
        for name, value, grows in _bounds(one):
            bound = (one.source, name, grows)
            furthest[bound] = (max if grows else min)(value, furthest.get(bound, value))
    return furthest


def _bounds(found: Extremes) -> Iterator[tuple[str, Any, bool]]:
    yield "least", found.amount, False
    yield "most", found.amount, True
    yield "earliest", found.occurred_at, False
    yield "latest", found.occurred_at, True


@dataclass(frozen=True, slots=True)
class CountingProgress:
    """How far counting has come, in the aggregates table. It remembers what it has written itself."""

    table: str
    known: dict[str, int] = field(default_factory=dict)

    def note(self, at_s: int) -> None:
        """A change of that second (since 1970) is counted. Safe to repeat and out of order. Raises StoreUnavailable."""
        if at_s <= self.known.get(STREAM, 0):
            return
        try:
            if_allowed(partial(self._write, at_s))  # refused where it is further already
        except (BotoCoreError, ClientError) as exc:
            raise StoreUnavailable(f"The progress was not written: {type(exc).__name__}") from exc
        self.known[STREAM] = at_s

    def _write(self, at_s: int) -> None:
        client.counting_dynamodb().update_item(
            TableName=self.table,
            Key=key(),
            UpdateExpression="SET #at = :at",
            ConditionExpression="attribute_not_exists(#at) OR #at < :at",
            ExpressionAttributeNames={"#at": "at"},
            ExpressionAttributeValues=attributes({":at": at_s}),
        )


def key() -> "Item":
    """The key of the item that holds the progress."""
    return attributes({"series": PROGRESS, "bucket": STREAM})


def instant_of(item: "Item | None") -> datetime | None:
    """The instant that the item holds; None where nothing was ever counted."""
    return datetime.fromtimestamp(int(item["at"]["N"]), UTC) if item else None
