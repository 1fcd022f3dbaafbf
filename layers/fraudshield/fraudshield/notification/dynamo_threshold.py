"""Alert thresholds, and the cool-down of system alerts, in DynamoDB."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from fraudshield.audit.audit import AuditEntry
from fraudshield.audit.dynamo import DynamoAuditLog
from fraudshield.aws import client
from fraudshield.aws.client import patient_dynamodb
from fraudshield.dynamo.call import PatientCalls
from fraudshield.dynamo.document import VersionedDocument
from fraudshield.dynamo.record import attributes
from fraudshield.dynamo.write import if_allowed
from fraudshield.errors import ThresholdsConflict
from fraudshield.notification.dynamo_item import COOL_DOWN, THRESHOLDS, TOLD_KEPT, expiry, key
from fraudshield.notification.threshold import AlertThresholds
from fraudshield.text.timestamp import instant

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from fraudshield.dynamo.record import Item


@dataclass(frozen=True, slots=True)
class DynamoAlertThresholds:
    """Stores the versions of the thresholds in one table."""

    table: str
    calls: PatientCalls

    def newest(self) -> AlertThresholds | None:
        """Returns the newest version; None where none was ever stored. Raises StoreUnavailable."""
        return self._versions.newest()

    def versions(self, most: int) -> list[AlertThresholds]:
        """Returns the newest versions, newest first. Raises StoreUnavailable."""
        return self._versions.versions(most)

    def add(self, thresholds: AlertThresholds, *beside: "TransactWriteItemTypeDef") -> None:
        """Stores a version and what is written beside it. Raises ThresholdsConflict, StoreUnavailable."""
        self._versions.add(thresholds.version, thresholds, *beside)

    @property
    def _versions(self) -> VersionedDocument[AlertThresholds]:
        client, model = patient_dynamodb, AlertThresholds
        return VersionedDocument(self.table, self.calls, client, _key, model, "thresholds", ThresholdsConflict)


def _key(version: int) -> "Item":
    return key(THRESHOLDS, f"{version:010d}")


@dataclass(frozen=True, slots=True)
class AuditedThresholds:
    """Implements the `AlertThresholdsStore` port."""

    thresholds: DynamoAlertThresholds
    audit: DynamoAuditLog

    def newest(self) -> AlertThresholds | None:
        return self.thresholds.newest()

    def add(self, thresholds: AlertThresholds, entry: AuditEntry) -> None:
        self.thresholds.add(thresholds, self.audit.put(entry))


@dataclass(frozen=True, slots=True)
class DynamoCoolDown:
    """Implements the `CoolDown` port on one table."""

    table: str
    calls: PatientCalls

    def begin(self, alert_type: str, now: datetime, cooldown_s: int) -> tuple[datetime, int]:
        began_before = instant(now - timedelta(seconds=cooldown_s))
        found = self.calls.one(lambda: self._begin(alert_type, now, began_before))
        if found is not None:  # the window before, if there was one
            return now, int(found["held_back"]["N"]) if found else 0
        held = self.calls.one(lambda: self._hold(alert_type))
        return datetime.fromisoformat(held["began_at"]["S"]).astimezone(UTC), 0

    def _begin(self, alert_type: str, now: datetime, began_before: str) -> "Item | None":
        """Returns what was there, where a window began; None where one is under way."""
        put: dict[str, Any] = {
            "TableName": self.table,
            "Item": key(COOL_DOWN, alert_type)
            | attributes({"began_at": instant(now), "held_back": 0})
            | expiry(now + TOLD_KEPT),
            "ConditionExpression": "attribute_not_exists(series) OR began_at <= :before",
            "ExpressionAttributeValues": attributes({":before": began_before}),
            "ReturnValues": "ALL_OLD",
        }
        put_item = client.patient_dynamodb().put_item
        return if_allowed(lambda: put_item(**put).get("Attributes", {}))

    def _hold(self, alert_type: str) -> "Item":
        return client.patient_dynamodb().update_item(
            TableName=self.table,
            Key=key(COOL_DOWN, alert_type),
            UpdateExpression="ADD held_back :one",
            ExpressionAttributeValues=attributes({":one": 1}),
            ReturnValues="ALL_NEW",
        )["Attributes"]
