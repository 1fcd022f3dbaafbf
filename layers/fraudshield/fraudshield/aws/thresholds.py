"""Versions of the alert thresholds in DynamoDB: a series of the notifications table."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fraudshield.alert_thresholds import AlertThresholds
from fraudshield.aws import clients
from fraudshield.aws.mail_item import THRESHOLDS, key
from fraudshield.aws.patient import PatientCalls
from fraudshield.aws.versioned_document import VersionedDocument
from fraudshield.errors import ThresholdsConflict

if TYPE_CHECKING:
    from fraudshield.aws.attribute import Item


@dataclass(frozen=True, slots=True)
class DynamoAlertThresholds:
    """The `AlertThresholdsStore` port on one table."""

    table: str
    calls: PatientCalls

    def newest(self) -> AlertThresholds | None:
        """See the port: one query, one item."""
        return self._versions.newest()

    def versions(self, most: int) -> list[AlertThresholds]:
        """The newest, newest first. Raises StoreUnavailable."""
        return self._versions.versions(most)

    def add(self, thresholds: AlertThresholds) -> None:
        """See the port: conditional on the version being free."""
        self._versions.add(thresholds.version, thresholds)

    @property
    def _versions(self) -> VersionedDocument[AlertThresholds]:
        client, model = clients.patient_dynamodb, AlertThresholds
        return VersionedDocument(self.table, self.calls, client, _key, model, "thresholds", ThresholdsConflict)


def _key(version: int) -> "Item":
    return key(THRESHOLDS, f"{version:010d}")
