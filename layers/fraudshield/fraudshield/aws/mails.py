"""Mails as a list, and what becomes of one after SES took it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from fraudshield.aws import clients
from fraudshield.aws.mail_counts import counted, since
from fraudshield.aws.mail_item import MAIL, key, mail_item, mail_of
from fraudshield.aws.patient import PatientCalls
from fraudshield.aws.record import attributes
from fraudshield.aws.transaction import write_all
from fraudshield.errors import NotFound
from fraudshield.mail import Mail, Status


@dataclass(frozen=True, slots=True)
class DynamoMails:
    """On one table."""

    table: str
    calls: PatientCalls

    def page(self, limit: int, before: str | None) -> tuple[list[Mail], str | None]:
        """Newest first, and the id before which the next page begins. Raises StoreUnavailable."""
        asked: Any = {
            "TableName": self.table,
            "KeyConditionExpression": "series = :series" + (" AND #at < :before" if before else ""),
            "ExpressionAttributeValues": attributes({":series": MAIL, ":before": before or None}),
            **({"ExpressionAttributeNames": {"#at": "at"}} if before else {}),
        }
        found = self.calls.one(
            lambda: clients.patient_dynamodb().query(**asked, ScanIndexForward=False, Limit=limit, ConsistentRead=True)
        )
        mails = [mail_of(item) for item in found["Items"]]
        return mails, mails[-1].mail_id if mails and "LastEvaluatedKey" in found else None

    def counts(self, now: datetime, days: int) -> Mapping[str, int]:
        """Mails by the status that they came to, in the last days. Raises StoreUnavailable."""
        return since(self.table, self.calls, now, days)

    def note(self, mail_id: str, status: Status, reason: str) -> Mail:
        """With its new status, where that may follow the one it has. Raises NotFound, StoreUnavailable."""
        while True:
            mail = self._find(mail_id)
            noted = mail.ended(status, reason)
            if noted == mail or self._changed(mail, noted):
                return noted

    def _changed(self, before: Mail, after: Mail) -> bool:
        put = {
            "TableName": self.table,
            "Item": mail_item(replace(after, next_at=None)),
            "ConditionExpression": "#status = :status",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": attributes({":status": before.status}),
        }
        counts = counted(self.table, after, {after.status.value: 1})
        return not self.calls.one(lambda: write_all([{"Put": put}, counts]))

    def _find(self, mail_id: str) -> Mail:
        found = self.calls.one(
            lambda: clients.patient_dynamodb().get_item(
                TableName=self.table, Key=key(MAIL, mail_id), ConsistentRead=True
            )
        )
        if "Item" not in found:
            raise NotFound("There is no such mail")
        return mail_of(found["Item"])
