"""How many mails came to each status, by the day they were made: added to in the transaction that moves a mail."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from fraudshield.aws import clients
from fraudshield.aws.mail_item import COUNTS, MAIL_KEPT, expiry, key
from fraudshield.aws.patient import PatientCalls
from fraudshield.aws.record import attributes
from fraudshield.mail import Mail

KEY = {"series", "at", "expires_at"}


def counted(table: str, mail: Mail, added: Mapping[str, int]) -> Any:
    """The write that adds to the counts of the mail's day."""
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


def since(table: str, calls: PatientCalls, now: datetime, days: int) -> Mapping[str, int]:
    """All that was counted in the last days, today included. Raises StoreUnavailable."""
    first = (now - timedelta(days=days - 1)).date().isoformat()
    found = calls.one(
        lambda: clients.patient_dynamodb().query(
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
