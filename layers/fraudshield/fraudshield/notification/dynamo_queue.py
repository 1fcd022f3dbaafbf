"""The queues of alerts in DynamoDB, and the marks that say who has been told what."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from fraudshield.aws import client
from fraudshield.dynamo.call import PatientCalls
from fraudshield.dynamo.page import batches, series_of, through
from fraudshield.dynamo.record import attributes, from_attributes
from fraudshield.dynamo.write import write_all
from fraudshield.notification.alert import RANK, Alert, worst
from fraudshield.notification.dynamo_item import (
    SUBSCRIBER,
    TOLD_KEPT,
    alerts_of,
    expiry,
    key,
    packed,
    queue_position,
    readable,
    told,
    waiting,
)
from fraudshield.notification.dynamo_subscriber import DynamoSubscribers
from fraudshield.notification.schedule import MOST_ALERTS, Waiting
from fraudshield.notification.subscriber import Subscriber

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

MOST_TOLD = 100  # subscribers: as many marks as one call reads
TOGETHER = 25  # alerts of one transaction, two writes each
DELETED_TOGETHER = 25  # the most that BatchWriteItem takes


@dataclass(frozen=True, slots=True)
class ToldSubscriber:
    """A subscriber for whom an alert was queued, and when."""

    subscriber_id: str
    told_at: datetime


@dataclass(frozen=True, slots=True)
class DynamoAlertQueue:
    """Implements the `AlertQueue` port on one table, and the part of `MailOutboxes` that is about waiting alerts."""

    table: str
    calls: PatientCalls

    def subscribers(self) -> list[Subscriber]:
        return DynamoSubscribers(self.table, self.calls).all()

    def add(self, subscriber_id: str, alerts: Sequence[Alert]) -> int:
        """Writes mark and alert together, the mark on condition that there is none, or one of a milder severity."""
        left = worst(alerts)
        new, writer = 0, token_hex(8)
        while left:
            together, left = left[:TOGETHER], left[TOGETHER:]
            while together:
                known = self.calls.one(partial(write_all, self._writes(subscriber_id, together, writer)))
                if not known:
                    new += len(together)
                    break
                ours = [mark for mark in known.values() if from_attributes(mark).get("writer") == writer]
                new += len(ours)  # a response was lost
                together = [alert for at, alert in enumerate(together) if 2 * at not in known]
        return new

    def waiting(self, subscriber_id: str) -> Waiting:
        found = series_of(self.table, self.calls, waiting(subscriber_id), MOST_ALERTS)
        return Waiting(tuple(chain.from_iterable(readable(found, _in_place))))

    def told_of(self, transaction_id: str) -> list[ToldSubscriber]:
        """Returns for whom an alert of a payment was queued lately, in order. Raises StoreUnavailable."""
        subscribers = series_of(self.table, self.calls, SUBSCRIBER, MOST_TOLD)
        marks = [key(told(one["at"]["S"]), f"transaction#{transaction_id}") for one in subscribers]
        read = through(self.calls, client.patient_dynamodb().batch_get_item)
        pages = batches(read, {self.table: {"Keys": marks}} if marks else {}, "UnprocessedKeys")
        found = [_told(item) for page in pages for item in page["Responses"].get(self.table, [])]
        return sorted(found, key=lambda one: (one.told_at, one.subscriber_id))

    def drop(self, subscriber_id: str, alerts: Sequence[Alert]) -> None:
        self.delete([key(waiting(subscriber_id), queue_position(alert)) for alert in alerts])

    def forget(self, subscriber_id: str) -> None:
        """Removes all that waits; the marks age out."""
        while found := series_of(self.table, self.calls, waiting(subscriber_id), MOST_ALERTS):
            self.delete([key(item["series"]["S"], item["at"]["S"]) for item in found])

    def delete(self, keys: "Sequence[Item]") -> None:
        """Deletes items. It is safe to repeat. Raises StoreUnavailable."""
        write = through(self.calls, client.patient_dynamodb().batch_write_item)
        for start in range(0, len(keys), DELETED_TOGETHER):
            together = keys[start : start + DELETED_TOGETHER]
            asked = {self.table: [{"DeleteRequest": {"Key": one}} for one in together]}
            for _ in batches(write, asked, "UnprocessedItems"):
                pass  # each response says what is left to ask for

    def _writes(self, subscriber_id: str, alerts: Sequence[Alert], writer: str) -> list[Any]:
        ages = expiry(datetime.now(UTC) + TOLD_KEPT)
        writes: list[Any] = []
        for alert in alerts:
            rank = RANK[alert.severity]
            mark = key(told(subscriber_id), alert.alert_id) | attributes({"writer": writer, "rank": rank}) | ages
            item = key(waiting(subscriber_id), queue_position(alert)) | attributes({"body": packed([alert])}) | ages
            once = {
                "TableName": self.table,
                "Item": mark,
                "ConditionExpression": "attribute_not_exists(series) OR #rank < :rank",  # one of before names no rank
                "ExpressionAttributeNames": {"#rank": "rank"},
                "ExpressionAttributeValues": attributes({":rank": rank}),
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
            writes += [{"Put": once}, {"Put": {"TableName": self.table, "Item": item}}]
        return writes


def _told(item: "Item") -> ToldSubscriber:
    """Reads a mark, which ages out so long after it was made."""
    told_at = datetime.fromtimestamp(int(item["expires_at"]["N"]), UTC) - TOLD_KEPT
    return ToldSubscriber(item["series"]["S"].removeprefix(told("")), told_at)


def _in_place(item: "Item") -> list[Alert]:
    """The alerts of an item of a queue, which know where they stand there."""
    return [replace(alert, position=item["at"]["S"]) for alert in alerts_of(item)]
