"""Versions of the alert thresholds in DynamoDB: one item each, never changed, kept for ever."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from fraudshield import strict_json
from fraudshield.alert_thresholds import AlertThresholds
from fraudshield.aws import clients
from fraudshield.aws.conditional import put_new
from fraudshield.aws.mail_item import THRESHOLDS, key
from fraudshield.aws.patient import PatientCalls
from fraudshield.errors import Malformed, StoreUnavailable, ThresholdsConflict

if TYPE_CHECKING:
    from fraudshield.aws.attribute import Item


@dataclass(frozen=True, slots=True)
class DynamoAlertThresholds:
    """The `AlertThresholdsStore` port on one table."""

    table: str
    calls: PatientCalls

    def newest(self) -> AlertThresholds | None:
        """See the port: one query, one item."""
        found = self.versions(1)
        return found[0] if found else None

    def versions(self, most: int) -> list[AlertThresholds]:
        """The newest, newest first. Raises StoreUnavailable."""
        found = self.calls.one(
            lambda: clients.patient_dynamodb().query(
                TableName=self.table,
                KeyConditionExpression="series = :series",
                ExpressionAttributeValues={":series": {"S": THRESHOLDS}},
                ScanIndexForward=False,
                ConsistentRead=True,
                Limit=most,
            )
        )["Items"]
        return [_thresholds(item) for item in found]

    def add(self, thresholds: AlertThresholds) -> None:
        """See the port: conditional on the version being free."""
        self.calls.one(lambda: self._put(thresholds))

    def _put(self, thresholds: AlertThresholds) -> None:
        body = thresholds.model_dump_json(exclude_none=True)
        item: Item = {**key(THRESHOLDS, f"{thresholds.version:010d}"), "body": {"S": body}}
        stored = put_new(self.table, item, "series")
        if stored is not None and stored["body"] != item["body"]:
            raise ThresholdsConflict(f"Version {thresholds.version} of the thresholds is stored already")


def _thresholds(item: "Item") -> AlertThresholds:
    try:
        return AlertThresholds.model_validate(strict_json.parse(item["body"]["S"].encode()))
    except (ValidationError, Malformed) as exc:  # such as one that a newer release wrote, after a roll-back
        raise StoreUnavailable(f"Version {item['at']['S']} of the thresholds cannot be read by this release") from exc
