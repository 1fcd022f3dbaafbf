"""The mails of the last months in DynamoDB, and how many have each status."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from fraudshield.aws import client
from fraudshield.dynamo.call import PatientCalls
from fraudshield.dynamo.record import attributes
from fraudshield.dynamo.write import write_all
from fraudshield.errors import NotFound
from fraudshield.notification.dynamo_item import (
    COUNTS,
    MAIL,
    MAIL_KEPT,
    expiry,
    key,
    mail_item,
    mail_of,
    read,
    readable,
)
from fraudshield.notification.mail import Mail, MailStatus

KEY = {"series", "at", "expires_at"}


def counted(table: str, mail: Mail, added: Mapping[str, int]) -> Any:
    """Returns the write that adds to the counts of the mail's day."""
    names = {f"#{name}": name for name in added}
    values: dict[str, Any] = attributes({f":{name}": number for name, number in added.items()})
    adds = ", ".join(f"#{name} :{name}" for name in added)
    return {
        "Update": {
            "TableName": table,
            "Key": key(COUNTS, mail.created_at.date().isoformat()),
            "UpdateExpression": f"SET expires_at = :expires_at ADD {adds}",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values | {":expires_at": expiry(mail.created_at + MAIL_KEPT)["expires_at"]},
        }
    }


def moved(before: MailStatus, after: MailStatus) -> dict[str, int]:
    """Returns what a mail's change of status adds to the counts: each mail counts once, under the status it has."""
    return {} if after is before else {before.value: -1, after.value: 1}


def since(table: str, calls: PatientCalls, now: datetime, days: int) -> Mapping[str, int]:
    """Returns the sums of the last days, today included. Raises StoreUnavailable."""
    first = (now - timedelta(days=days - 1)).date().isoformat()
    found = calls.one(
        lambda: client.patient_dynamodb().query(
            TableName=table,
            KeyConditionExpression="series = :series AND #at >= :first",
            ExpressionAttributeNames={"#at": "at"},
            ExpressionAttributeValues=attributes({":series": COUNTS, ":first": first}),
        )
    )["Items"]
    total: Counter[str] = Counter()
    for item in found:
        total.update({name: int(value["N"]) for name, value in item.items() if name not in KEY})
    return total


@dataclass(frozen=True, slots=True)
class DynamoMails:
    """The mails in one table."""

    table: str
    calls: PatientCalls

    def page(self, limit: int, before: str | None) -> tuple[list[Mail], str | None]:
        """Returns a page, newest first, and the id before which the next page begins. Raises StoreUnavailable."""
        asked: Any = {
            "TableName": self.table,
            "KeyConditionExpression": "series = :series" + (" AND #at < :before" if before else ""),
            "ExpressionAttributeValues": attributes({":series": MAIL, ":before": before or None}),
            **({"ExpressionAttributeNames": {"#at": "at"}} if before else {}),
        }
        found = self.calls.one(
            lambda: client.patient_dynamodb().query(**asked, ScanIndexForward=False, Limit=limit, ConsistentRead=True)
        )
        last = found["Items"][-1]["at"]["S"] if "LastEvaluatedKey" in found and found["Items"] else None
        return list(readable(found["Items"], mail_of)), last

    def counts(self, now: datetime, days: int) -> Mapping[str, int]:
        """Returns the mails of the last days by their status. Raises StoreUnavailable."""
        return since(self.table, self.calls, now, days)

    def note(self, mail_id: str, status: MailStatus, reason: str) -> Mail:
        """Gives the mail its new status, where that may follow the present one. Raises NotFound, StoreUnavailable."""
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
        counts = counted(self.table, after, moved(before.status, after.status))
        return not self.calls.one(lambda: write_all([{"Put": put}, counts]))

    def _find(self, mail_id: str) -> Mail:
        found = self.calls.one(
            lambda: client.patient_dynamodb().get_item(
                TableName=self.table, Key=key(MAIL, mail_id), ConsistentRead=True
            )
        )
        if "Item" not in found:
            raise NotFound("There is no such mail")
        return read(found["Item"], mail_of)
