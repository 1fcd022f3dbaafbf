"""What monitoring remembers: looks at the house, and alerts. One table; everything in it ages out.

Series: `check` (a look a minute or less often), `alert` (by the time it opened), `open` (the alert of each alarm that
is on, by the alarm's name).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fraudshield.alarm import AlarmChange, Alert
from fraudshield.aws import clients
from fraudshield.aws.bounded import BoundedCalls
from fraudshield.aws.conditional import put_new
from fraudshield.check import Check
from fraudshield.errors import NotFound
from fraudshield.service_health import ServiceHealth
from fraudshield.timestamp import instant

if TYPE_CHECKING:
    from fraudshield.aws.attribute import Item

KEPT = timedelta(days=90)
CHECK, ALERT, OPEN = "check", "alert", "open"


@dataclass(frozen=True, slots=True)
class MonitoringStore:
    """On one table."""

    table: str
    calls: BoundedCalls

    def add_check(self, check: Check) -> None:
        """Keep a look. Raises StoreUnavailable."""
        body = {
            "services": {name: asdict(one) for name, one in check.services.items()},
            "resources": dict(check.resources),
            "dead_letters": dict(check.dead_letters),
        }
        item: Item = {**_key(CHECK, instant(check.at)), "body": {"S": json.dumps(body)}, **_ages(check.at)}
        self.calls.one(lambda: clients.dynamodb().put_item(TableName=self.table, Item=item))

    def checks(self, since: datetime, most: int = 1000) -> list[Check]:
        """Looks since then, newest first. Raises StoreUnavailable."""
        return [_check(item) for item in self._newest(CHECK, instant(since), most)]

    def alerts(self, since: datetime) -> list[Alert]:
        """Those opened since then, and those still open, newest first. Raises StoreUnavailable."""
        found = {item["at"]["S"]: item for item in self._newest(ALERT, instant(since), 1000)}
        for item in self._newest(OPEN, " ", 1000):
            alert_id = item["alert"]["S"]
            if alert_id not in found and (alert := self._get(ALERT, alert_id)):
                found[alert_id] = alert
        return [_alert(item) for _, item in sorted(found.items(), reverse=True)]

    def change(self, change: AlarmChange) -> bool:
        """Open an alert, or close the one that is open; safe to repeat. Whether that was news.

        Raises:
            StoreUnavailable.
        """
        return self._open(change) if change.open else self._close(change)

    def acknowledge(self, alert_id: str, by: str, at: datetime) -> Alert:
        """Note that somebody has seen it; who was first stands. Raises NotFound, StoreUnavailable."""
        noted = ", ".join(f"{name} = if_not_exists({name}, :{name})" for name in ("acknowledged_at", "acknowledged_by"))
        values: Item = {":acknowledged_at": {"S": instant(at)}, ":acknowledged_by": {"S": by}}
        found = self._update(ALERT, alert_id, f"SET {noted}", values)
        if found is None:
            raise NotFound("There is no such alert")
        return _alert(found)

    def _open(self, change: AlarmChange) -> bool:
        item: Item = {
            **_key(ALERT, change.id),
            **_ages(change.at),
            "what": {"S": change.what},
            "severity": {"S": change.severity},
            "opened_at": {"S": instant(change.at)},
            "detail": {"S": change.detail},
        }
        there = self.calls.one(lambda: put_new(self.table, item, "series"))
        if there is None or "closed_at" not in there:  # an attempt may have ended between the two writes
            pointer: Item = {**_key(OPEN, change.what), "alert": {"S": change.id}, **_ages(change.at)}
            self.calls.one(lambda: clients.dynamodb().put_item(TableName=self.table, Item=pointer))
        return there is None

    def _close(self, change: AlarmChange) -> bool:
        pointer = self._get(OPEN, change.what)
        if pointer is None:
            return False
        closed: Item = {":at": {"S": instant(change.at)}}
        self._update(ALERT, pointer["alert"]["S"], "SET closed_at = :at", closed)
        key = _key(OPEN, change.what)
        self.calls.one(lambda: clients.dynamodb().delete_item(TableName=self.table, Key=key))
        return True

    def _update(self, series: str, at: str, expression: str, values: "Item") -> "Item | None":
        """The item as it is then; None where there is none."""

        def update() -> "Item | None":
            try:
                return clients.dynamodb().update_item(
                    TableName=self.table,
                    Key=_key(series, at),
                    UpdateExpression=expression,
                    ConditionExpression="attribute_exists(series)",
                    ExpressionAttributeValues=values,
                    ReturnValues="ALL_NEW",
                )["Attributes"]
            except ClientError as exc:
                if exc.response["Error"]["Code"] != "ConditionalCheckFailedException":
                    raise
                return None

        return self.calls.one(update)

    def _get(self, series: str, at: str) -> "Item | None":
        key = _key(series, at)
        found = self.calls.one(lambda: clients.dynamodb().get_item(TableName=self.table, Key=key, ConsistentRead=True))
        return found.get("Item")

    def _newest(self, series: str, since: str, most: int) -> "list[Item]":
        return self.calls.one(
            lambda: clients.dynamodb().query(
                TableName=self.table,
                KeyConditionExpression="series = :series AND #at >= :since",
                ExpressionAttributeNames={"#at": "at"},
                ExpressionAttributeValues={":series": {"S": series}, ":since": {"S": since}},
                ScanIndexForward=False,
                Limit=most,
            )
        )["Items"]


def _key(series: str, at: str) -> "Item":
    return {"series": {"S": series}, "at": {"S": at}}


def _ages(at: datetime) -> "Item":
    return {"expires_at": {"N": str(int((at + KEPT).timestamp()))}}


def _check(item: "Item") -> Check:
    body: Mapping[str, Any] = json.loads(item["body"]["S"])
    return Check(
        at=_instant(item["at"]["S"]),
        services={name: ServiceHealth(**one) for name, one in body["services"].items()},
        resources=body["resources"],
        dead_letters=body["dead_letters"],
    )


def _alert(item: "Item") -> Alert:
    def at(name: str) -> datetime | None:
        return _instant(item[name]["S"]) if name in item else None

    return Alert(
        id=item["at"]["S"],
        what=item["what"]["S"],
        severity="critical" if item["severity"]["S"] == "critical" else "warning",
        opened_at=_instant(item["opened_at"]["S"]),
        detail=item["detail"]["S"],
        closed_at=at("closed_at"),
        acknowledged_at=at("acknowledged_at"),
        acknowledged_by=item["acknowledged_by"]["S"] if "acknowledged_by" in item else "",
    )


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
