"""Subscribers in DynamoDB: an item each, changed on condition of the status that it has."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from fraudshield.audit.audit import Action, AuditEntry, Author, digest
from fraudshield.audit.dynamo import DynamoAuditLog
from fraudshield.aws import client
from fraudshield.dynamo.call import PatientCalls
from fraudshield.dynamo.page import series_of
from fraudshield.dynamo.record import attributes
from fraudshield.dynamo.write import found_instead, put_new_with, unless_found
from fraudshield.errors import NotFound
from fraudshield.notification.dynamo_item import SUBSCRIBER, key, readable, subscriber_item
from fraudshield.notification.dynamo_item import subscriber as read_subscriber
from fraudshield.notification.subscriber import Subscriber, SubscriberStatus
from fraudshield.text.timestamp import instant

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from fraudshield.dynamo.record import Item

CHANGEABLE = ("name", "severity", "quiet_hours")
SAID = ("notification_type", "severity", "quiet_hours")  # of a subscription, and not of whose it is


@dataclass(frozen=True, slots=True)
class DynamoSubscribers:
    """Stores subscribers in one table; what people change of them goes through `AuditedSubscribers`."""

    table: str
    calls: PatientCalls

    def all(self) -> list[Subscriber]:
        """Returns all subscribers that can be read, as of now. Raises StoreUnavailable."""
        return list(readable(series_of(self.table, self.calls, SUBSCRIBER), read_subscriber))

    def confirm(self, subscriber_id: str, at: datetime) -> Subscriber:
        """Confirms a pending subscriber; one with another status keeps it. Raises NotFound, StoreUnavailable."""
        changed: Item = attributes({"standing": SubscriberStatus.CONFIRMED, "confirmed_at": instant(at)})
        found = self._set(subscriber_id, changed, (SubscriberStatus.PENDING,), " REMOVE expires_at")
        if found.status is SubscriberStatus.LEAVING:
            raise NotFound("There is no such subscription any more")
        return found

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
        return read_subscriber(found)

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


@dataclass(frozen=True, slots=True)
class AuditedSubscribers:
    """Implements the `Subscribers` port. The audit log gets neither name nor address, nor a digest of one."""

    subscribers: DynamoSubscribers
    audit: DynamoAuditLog

    def all(self) -> list[Subscriber]:
        return self.subscribers.all()

    def confirm(self, subscriber_id: str, at: datetime) -> Subscriber:
        return self.subscribers.confirm(subscriber_id, at)

    def add(self, subscriber: Subscriber, by: Author) -> Subscriber:
        wanted = subscriber_item(subscriber)
        made = self._entry(subscriber.created_at, by, "created", None, wanted)
        put = partial(put_new_with, self.subscribers.table, wanted, "series", [made], client.patient_dynamodb)
        found = self.subscribers.calls.one(put)
        if found is None:
            return subscriber
        changed = {name: wanted[name] for name in CHANGEABLE if wanted[name] != found.get(name)}
        if not changed or found["standing"]["S"] == SubscriberStatus.LEAVING:
            return read_subscriber(found)
        entry = self._entry(subscriber.created_at, by, "changed", found, {**found, **changed})
        return self._set(subscriber.subscriber_id, changed, entry)

    def leave(self, subscriber_id: str, at: datetime, by: Author) -> None:
        found = self._found(subscriber_id)
        gone: Item = attributes({"standing": SubscriberStatus.LEAVING})
        self._set(subscriber_id, gone, self._entry(at, by, "removed", found, None), " REMOVE email, #name", "name")

    def _set(
        self, subscriber_id: str, changed: "Item", entry: "TransactWriteItemTypeDef", also: str = "", *named: str
    ) -> Subscriber:
        """Returns the subscriber as it is then. Raises NotFound, StoreUnavailable."""
        update: TransactWriteItemTypeDef = {
            "Update": {
                "TableName": self.subscribers.table,
                "Key": key(SUBSCRIBER, subscriber_id),
                "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in changed) + also,
                "ConditionExpression": "attribute_exists(series)",
                "ExpressionAttributeNames": {f"#{name}": name for name in (*changed, *named)},
                "ExpressionAttributeValues": {f":{name}": value for name, value in changed.items()},
            }
        }
        self.subscribers.calls.one(partial(unless_found, [update, entry], client.patient_dynamodb))
        return read_subscriber(self._found(subscriber_id))

    def _found(self, subscriber_id: str) -> "Item":
        get = partial(
            client.patient_dynamodb().get_item,
            TableName=self.subscribers.table,
            Key=key(SUBSCRIBER, subscriber_id),
            ConsistentRead=True,
        )
        found = self.subscribers.calls.one(get).get("Item")
        if found is None:
            raise NotFound("There is no such subscription")
        return found

    def _entry(
        self, at: datetime, by: Author, action: Action, before: "Item | None", after: "Item | None"
    ) -> "TransactWriteItemTypeDef":
        subject = (before or after or {})["at"]["S"]
        return self.audit.put(AuditEntry(at, by, "subscriber", action, subject, _digest(before), _digest(after)))


def _digest(item: "Item | None") -> str | None:
    return None if item is None else digest({name: item[name] for name in SAID if name in item})
