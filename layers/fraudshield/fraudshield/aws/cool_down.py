"""Cool-downs in DynamoDB: an item for each type of system alert, with when its present window began."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from fraudshield.aws import clients
from fraudshield.aws.conditional import if_allowed
from fraudshield.aws.mail_item import COOL_DOWN, TOLD_KEPT, expiry, key
from fraudshield.aws.patient import PatientCalls
from fraudshield.aws.record import attributes
from fraudshield.timestamp import instant

if TYPE_CHECKING:
    from fraudshield.aws.attribute import Item


@dataclass(frozen=True, slots=True)
class DynamoCoolDown:
    """The `CoolDown` port on one table."""

    table: str
    calls: PatientCalls

    def begin(self, alert_type: str, now: datetime, cooldown_s: int) -> tuple[datetime, int]:
        """See the port."""
        began_before = instant(now - timedelta(seconds=cooldown_s))
        found = self.calls.one(lambda: self._begin(alert_type, now, began_before))
        if found is not None:  # the window before, if there was one
            return now, int(found["held_back"]["N"]) if found else 0
        held = self.calls.one(lambda: self._hold(alert_type))
        return datetime.fromisoformat(held["began_at"]["S"]).astimezone(UTC), 0

    def _begin(self, alert_type: str, now: datetime, began_before: str) -> "Item | None":
        """What was there, where a window began; None where one is under way."""
        put: dict[str, Any] = {
            "TableName": self.table,
            "Item": key(COOL_DOWN, alert_type)
            | attributes({"began_at": instant(now), "held_back": 0})
            | expiry(now + TOLD_KEPT),
            "ConditionExpression": "attribute_not_exists(series) OR began_at <= :before",
            "ExpressionAttributeValues": attributes({":before": began_before}),
            "ReturnValues": "ALL_OLD",
        }
        put_item = clients.patient_dynamodb().put_item
        return if_allowed(lambda: put_item(**put).get("Attributes", {}))

    def _hold(self, alert_type: str) -> "Item":
        return clients.patient_dynamodb().update_item(
            TableName=self.table,
            Key=key(COOL_DOWN, alert_type),
            UpdateExpression="ADD held_back :one",
            ExpressionAttributeValues=attributes({":one": 1}),
            ReturnValues="ALL_NEW",
        )["Attributes"]
