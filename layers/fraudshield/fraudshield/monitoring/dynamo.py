"""Health checks and alerts in DynamoDB. They are in one table; everything in it ages out.

Series: `check` (a health check a minute or less often), `alert` (by the time it opened), `open` (the alert of each
alarm that is on, by the alarm's name).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from fraudshield.audit.audit import AuditEntry, Author
from fraudshield.audit.dynamo import DynamoAuditLog
from fraudshield.aws import client
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.record import attributes, from_attributes
from fraudshield.dynamo.write import if_allowed, put_new, unless_found
from fraudshield.errors import NotFound
from fraudshield.monitoring.alarm import AlarmChange, RaisedAlarm
from fraudshield.monitoring.health_check import HealthCheck
from fraudshield.monitoring.service_health import ServiceHealth
from fraudshield.text.timestamp import instant

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from fraudshield.dynamo.record import Item

KEPT = timedelta(days=90)
CHECK, ALERT, OPEN = "check", "alert", "open"


@dataclass(frozen=True, slots=True)
class MonitoringStore:
    """Stores health checks and alerts in one table."""

    table: str
    calls: BoundedCalls

    def add_check(self, check: HealthCheck) -> None:
        """Stores a health check. Raises StoreUnavailable."""
        body = {
            "services": {name: asdict(one) for name, one in check.services.items()},
            "resources": dict(check.resources),
            "dead_letters": dict(check.dead_letters),
        }
        item = _key(CHECK, instant(check.at)) | attributes({"body": json.dumps(body)}) | _ages(check.at)
        self.calls.one(lambda: client.dynamodb().put_item(TableName=self.table, Item=item))

    def checks(self, since: datetime, most: int = 1000) -> list[HealthCheck]:
        """Returns the health checks since then, newest first. Raises StoreUnavailable."""
        return [_check(item) for item in self._newest(CHECK, instant(since), most)]

    def alerts(self, since: datetime) -> list[RaisedAlarm]:
        """Returns alerts opened since then, and those still open, newest first. Raises StoreUnavailable."""
        found = {item["at"]["S"]: item for item in self._newest(ALERT, instant(since), 1000)}
        for item in self._newest(OPEN, " ", 1000):
            alert_id = item["alert"]["S"]
            if alert_id not in found and (alert := self._get(ALERT, alert_id)):
                found[alert_id] = alert
        return [_alert(item) for _, item in sorted(found.items(), reverse=True)]

    def change(self, change: AlarmChange) -> bool:
        """Opens an alert, or closes the one that is open; returns whether that was new. It is safe to repeat.

        Raises:
            StoreUnavailable.
        """
        return self._open(change) if change.open else self._close(change)

    def acknowledge(self, alert_id: str, by: Author, at: datetime, audit: DynamoAuditLog) -> RaisedAlarm:
        """Records who has seen the alert first, in the `audit` log too. Raises NotFound, StoreUnavailable."""
        update: TransactWriteItemTypeDef = {
            "Update": {
                "TableName": self.table,
                "Key": _key(ALERT, alert_id),
                "UpdateExpression": "SET acknowledged_at = :at, acknowledged_by = :by",
                "ConditionExpression": "attribute_exists(series) AND attribute_not_exists(acknowledged_at)",
                "ExpressionAttributeValues": attributes({":at": instant(at), ":by": by.key_id}),
            }
        }
        entry = audit.put(AuditEntry(at, by, "alarm", "acknowledged", alert_id))
        self.calls.one(lambda: unless_found([update, entry]))
        found = self._get(ALERT, alert_id)
        if found is None:
            raise NotFound("There is no such alert")
        return _alert(found)

    def _open(self, change: AlarmChange) -> bool:
        values = {
            "what": change.what,
            "severity": change.severity,
            "opened_at": instant(change.at),
            "detail": change.detail,
        }
        item = _key(ALERT, change.id) | _ages(change.at) | attributes(values)
        there = self.calls.one(lambda: put_new(self.table, item, "series"))
        if there is None or "closed_at" not in there:  # an attempt may have ended between the two writes
            pointer = _key(OPEN, change.what) | attributes({"alert": change.id}) | _ages(change.at)
            self.calls.one(lambda: client.dynamodb().put_item(TableName=self.table, Item=pointer))
        return there is None

    def _close(self, change: AlarmChange) -> bool:
        pointer = self._get(OPEN, change.what)
        if pointer is None:
            return False
        closed: Item = attributes({":at": instant(change.at)})
        self._update(ALERT, pointer["alert"]["S"], "SET closed_at = :at", closed)
        key = _key(OPEN, change.what)
        self.calls.one(lambda: client.dynamodb().delete_item(TableName=self.table, Key=key))
        return True

    def _update(self, series: str, at: str, expression: str, values: "Item") -> "Item | None":
        """The item as it is then; None where there is none."""

        def update() -> "Item":
            return client.dynamodb().update_item(
                TableName=self.table,
                Key=_key(series, at),
                UpdateExpression=expression,
                ConditionExpression="attribute_exists(series)",
                ExpressionAttributeValues=values,
                ReturnValues="ALL_NEW",
            )["Attributes"]

        return self.calls.one(lambda: if_allowed(update))

    def _get(self, series: str, at: str) -> "Item | None":
        key = _key(series, at)
        found = self.calls.one(lambda: client.dynamodb().get_item(TableName=self.table, Key=key, ConsistentRead=True))
        return found.get("Item")

    def _newest(self, series: str, since: str, most: int) -> "list[Item]":
        return self.calls.one(
            lambda: client.dynamodb().query(
                TableName=self.table,
                KeyConditionExpression="series = :series AND #at >= :since",
                ExpressionAttributeNames={"#at": "at"},
                ExpressionAttributeValues=attributes({":series": series, ":since": since}),
                ScanIndexForward=False,
                Limit=most,
            )
        )["Items"]


def _key(series: str, at: str) -> "Item":
    return attributes({"series": series, "at": at})


def _ages(at: datetime) -> "Item":
    return attributes({"expires_at": int((at + KEPT).timestamp())})


def _check(item: "Item") -> HealthCheck:
    body: Mapping[str, Any] = json.loads(item["body"]["S"])
    return HealthCheck(
        at=_instant(item["at"]["S"]),
        services={name: ServiceHealth(**one) for name, one in body["services"].items()},
        resources=body["resources"],
        dead_letters=body["dead_letters"],
    )


def _alert(item: "Item") -> RaisedAlarm:
    stored = from_attributes(item)

    def at(name: str) -> datetime | None:
        return _instant(stored[name]) if name in stored else None

    return RaisedAlarm(
        id=stored["at"],
        what=stored["what"],
        severity="critical" if stored["severity"] == "critical" else "warning",
        opened_at=_instant(stored["opened_at"]),
        detail=stored["detail"],
        closed_at=at("closed_at"),
        acknowledged_at=at("acknowledged_at"),
        acknowledged_by=stored.get("acknowledged_by", ""),
    )


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
