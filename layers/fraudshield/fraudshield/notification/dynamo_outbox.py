"""Mail outboxes and mails in DynamoDB. Whoever changes an outbox must have seen its newest version."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from fraudshield.aws import client
from fraudshield.dynamo.call import PatientCalls
from fraudshield.dynamo.page import series_of
from fraudshield.dynamo.record import attributes
from fraudshield.dynamo.write import write_all
from fraudshield.errors import NotFound
from fraudshield.notification.alert import Alert
from fraudshield.notification.dynamo_item import (
    CONTENT_KEPT,
    MAIL,
    OUTBOX,
    alerts_of,
    content,
    expiry,
    key,
    mail_item,
    mail_of,
    outbox,
    outbox_item,
    packed,
    read,
    readable,
)
from fraudshield.notification.dynamo_mail import counted, moved
from fraudshield.notification.dynamo_queue import DynamoAlertQueue
from fraudshield.notification.dynamo_subscriber import DynamoSubscribers
from fraudshield.notification.mail import Mail, MailStatus
from fraudshield.notification.port import MailOutbox, OutboxTaken
from fraudshield.notification.schedule import Waiting
from fraudshield.notification.subscriber import Subscriber

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

PACKED_TOGETHER = 100  # alerts of one item: a fifth of its 400 KB at their longest


@dataclass(frozen=True, slots=True)
class DynamoMailOutboxes:
    """Implements the `MailOutboxes` port on one table."""

    table: str
    calls: PatientCalls

    def subscribers(self) -> list[Subscriber]:
        return DynamoSubscribers(self.table, self.calls).all()

    def outbox(self, subscriber_id: str) -> MailOutbox:
        item = self._get(key(OUTBOX, subscriber_id))
        return read(item, outbox) if item else MailOutbox(subscriber_id)

    def waiting(self, subscriber_id: str) -> Waiting:
        return self._queue.waiting(subscriber_id)

    def open(self, outbox: MailOutbox, mail: Mail, alerts: Sequence[Alert]) -> None:
        """Stores first the content, which nobody sees before the mail is there, then outbox and mail."""
        for start in range(0, len(alerts), PACKED_TOGETHER):
            body = attributes({"body": packed(alerts[start : start + PACKED_TOGETHER])})
            item = key(content(mail.mail_id), f"{start:05d}") | body | expiry(mail.created_at + CONTENT_KEPT)
            self.calls.one(partial(client.patient_dynamodb().put_item, TableName=self.table, Item=item))
        opened = replace(outbox, open_mail=mail.mail_id)
        added = {mail.status.value: 1, "alerts": mail.alerts}
        put = {"Put": {"TableName": self.table, "Item": mail_item(mail)}}
        self._write(opened, [put, counted(self.table, mail, added)])

    def mail(self, mail_id: str) -> tuple[Mail, tuple[Alert, ...]]:
        found = self._get(key(MAIL, mail_id))
        if not found:
            raise NotFound("There is no such mail")
        mail = read(found, mail_of)
        return mail, tuple(self._content(mail_id))

    def keep(self, outbox: MailOutbox, mail: Mail | None = None) -> None:
        if mail is None:
            self._write(outbox, [])
        elif not self._write(outbox, self._changes(mail)):
            self._write(outbox, [])  # the mail has ended meanwhile, and stays as it is

    def drop(self, subscriber_id: str, alerts: Sequence[Alert]) -> None:
        self._queue.drop(subscriber_id, alerts)

    def forget(self, subscriber_id: str) -> None:
        """Removes the subscriber last, so that a run that ends early begins again."""
        self._queue.forget(subscriber_id)
        self._queue.delete([key(OUTBOX, subscriber_id)])
        DynamoSubscribers(self.table, self.calls).remove(subscriber_id)

    @property
    def _queue(self) -> DynamoAlertQueue:
        return DynamoAlertQueue(self.table, self.calls)

    def _changes(self, mail: Mail) -> list[Any]:
        put = {
            "TableName": self.table,
            "Item": mail_item(mail),
            "ConditionExpression": "#status = :queued",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": attributes({":queued": MailStatus.QUEUED}),
        }
        before = self.mail_alone(mail.mail_id)
        attempts = {"retries": mail.retries - before.retries, "repeats": mail.repeats - before.repeats}
        more = {name: number for name, number in attempts.items() if number > 0} | moved(MailStatus.QUEUED, mail.status)
        return [{"Put": put}, *([counted(self.table, mail, more)] if more else [])]

    def mail_alone(self, mail_id: str) -> Mail:
        """The mail without its content. Raises NotFound, StoreUnavailable."""
        found = self._get(key(MAIL, mail_id))
        if not found:
            raise NotFound("There is no such mail")
        return read(found, mail_of)

    def _write(self, outbox: MailOutbox, more: list[Any]) -> bool:
        """Returns whether all was written; False where `more` prevented it. Raises OutboxTaken, StoreUnavailable."""
        writer = attributes({"writer": token_hex(8)})
        item = outbox_item(outbox, datetime.now(UTC)) | writer
        put = {
            "TableName": self.table,
            "Item": item,
            "ConditionExpression": "version = :version" if outbox.version else "attribute_not_exists(series)",
            **({"ExpressionAttributeValues": attributes({":version": outbox.version})} if outbox.version else {}),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        found = self.calls.one(lambda: write_all([{"Put": put}, *more]))
        if 0 in found and found[0].get("writer") != writer["writer"]:  # else a response was lost, and it is our own
            raise OutboxTaken(outbox.subscriber_id)
        return 0 in found or not found

    def _content(self, mail_id: str) -> list[Alert]:
        found = series_of(self.table, self.calls, content(mail_id))
        return list(chain.from_iterable(readable(found, alerts_of)))

    def _get(self, at: "Item") -> "Item | None":
        found = self.calls.one(
            lambda: client.patient_dynamodb().get_item(TableName=self.table, Key=at, ConsistentRead=True)
        )
        return found.get("Item")
