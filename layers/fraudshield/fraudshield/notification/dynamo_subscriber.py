"""Subscribers in DynamoDB: an item each, changed on condition of the status that it has."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from fraudshield.aws import client
from fraudshield.dynamo.call import PatientCalls
from fraudshield.dynamo.page import series_of
from fraudshield.dynamo.record import attributes
from fraudshield.dynamo.write import found_instead, put_new
from fraudshield.errors import NotFound
from fraudshield.notification.dynamo_item import SUBSCRIBER, key, readable, subscriber, subscriber_item
from fraudshield.notification.subscriber import Subscriber, SubscriberStatus
from fraudshield.text.timestamp import instant

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

STAYING = (SubscriberStatus.PENDING, SubscriberStatus.CONFIRMED, SubscriberStatus.SUPPRESSED)


@dataclass(frozen=True, slots=True)
class DynamoSubscribers:
    """Implements the `Subscribers` port on one table."""

    table: str
    calls: PatientCalls

    def all(self) -> list[Subscriber]:
        return list(readable(series_of(self.table, self.calls, SUBSCRIBER), subscriber))

    def add(self, subscriber: Subscriber) -> Subscriber:
        there = self.calls.one(lambda: put_new(self.table, subscriber_item(subscriber), "series"))
        if there is None:
            return subscriber
        wanted = subscriber_item(subscriber)
        changed = {name: wanted[name] for name in ("name", "severity", "quiet_hours")}
        return self._set(
            subscriber.subscriber_id,
            changed,
            STAYING,
        )

    def confirm(self, subscriber_id: str, at: datetime) -> Subscriber:
        changed: Item = attributes({"standing": SubscriberStatus.CONFIRMED, "confirmed_at": instant(at)})
        found = self._set(subscriber_id, changed, (SubscriberStatus.PENDING,), " REMOVE expires_at")
        if found.status is SubscriberStatus.LEAVING:
            raise NotFound("There is no such subscription any more")
        return found

    def leave(self, subscriber_id: str) -> None:
        self._set(
            subscriber_id,
            attributes({"standing": SubscriberStatus.LEAVING}),
            tuple(SubscriberStatus),
            " REMOVE email, #name",
            "name",
        )

    def suppress(self, subscriber_id: str, reason: str) -> None:
        """Ends all mail to the subscriber's address, in all its subscriptions. Raises StoreUnavailable."""
        everybody = self.all()
        addresses = {one.email.lower() for one in everybody if one.subscriber_id == subscriber_id and one.email}
        changed: Item = attributes({"standing": SubscriberStatus.SUPPRESSED, "reason": reason})
        for one in everybody:
            if one.email.lower() in addresses:
                self._set(
                    one.subscriber_id,
                    changed,
                    (SubscriberStatus.PENDING, SubscriberStatus.CONFIRMED),
                    " REMOVE expires_at",
                )

    def remove(self, subscriber_id: str) -> None:
        """Deletes the item of a subscriber who has left. Raises StoreUnavailable."""
        self.calls.one(
            lambda: client.patient_dynamodb().delete_item(TableName=self.table, Key=key(SUBSCRIBER, subscriber_id))
        )

    def _set(
        self, subscriber_id: str, changed: "Item", where: tuple[SubscriberStatus, ...], also: str = "", *named: str
    ) -> Subscriber:
        """Returns the subscriber; it is unchanged where its status is another. Raises NotFound, StoreUnavailable."""
        found = self.calls.one(lambda: self._update(subscriber_id, changed, where, also, named))
        if not found:
            raise NotFound("There is no such subscription")
        return subscriber(found)

    def _update(
        self,
        subscriber_id: str,
        changed: "Item",
        where: tuple[SubscriberStatus, ...],
        also: str,
        named: tuple[str, ...],
    ) -> "Item":
        wanted: Item = attributes({f":s{at}": status for at, status in enumerate(where)})
        try:
            return client.patient_dynamodb().update_item(
                TableName=self.table,
                Key=key(SUBSCRIBER, subscriber_id),
                UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in changed) + also,
                ConditionExpression=f"standing IN ({', '.join(wanted)})",
                ExpressionAttributeNames={f"#{name}": name for name in (*changed, *named)},
                ExpressionAttributeValues={f":{name}": value for name, value in changed.items()} | wanted,
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )["Attributes"]
        except ClientError as exc:
            return found_instead(exc)
