"""Alarms that went off or ended, as CloudWatch tells it through SNS, and the alerts that people see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from fraudshield.errors import Malformed
from fraudshield.text import strict_json
from fraudshield.text.query import Query, Whole
from fraudshield.text.schema import Moment, one_of
from fraudshield.text.timestamp import timestamp

Severity = Literal["critical", "warning"]
NO_DATA = "INSUFFICIENT_DATA"
TIME = "%Y-%m-%dT%H:%M:%S.%f%z"  # 2026-11-24T10:00:00.000+0000


@dataclass(frozen=True, slots=True)
class AlarmChange:
    """An alarm's new state. `what` is its name without the deployment's prefix."""

    what: str
    severity: Severity
    open: bool
    at: datetime
    detail: str

    @property
    def id(self) -> str:
        """`2026-11-24T10:00:00.000000Z~Degraded`: in the order of time, and the same however often it comes."""
        return f"{self.at.strftime('%Y-%m-%dT%H:%M:%S.%fZ')}~{self.what}"


@dataclass(frozen=True, slots=True)
class RaisedAlarm:
    """An alarm that went off: the API's alert. It is open until `closed_at`; it was seen at `acknowledged_at`."""

    id: str
    what: str
    severity: Severity
    opened_at: datetime
    detail: str
    closed_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""


class AlertsQuery(Query):
    """The alerts to list: those of the last hours (they are kept for 90 days), of one severity or any."""

    hours: Annotated[Whole, Field(ge=1, le=2160)] = 24
    severity: Severity | None = None


class AlertObject(TypedDict):
    """An alert as the API returns it."""

    id: str
    alarm: str
    severity: Severity
    status: Annotated[str, one_of("open", "acknowledged", "resolved")]
    opened_at: Moment
    closed_at: Moment | None
    acknowledged_at: Moment | None
    detail: str


class AlertsResponse(TypedDict):
    """Alerts, newest first."""

    alerts: list[AlertObject]
    count: int


class AlertCounts(TypedDict):
    """The number of alerts of the last day."""

    total_recent: int
    critical: int
    warning: int
    open: int


def alarm_change(message: str) -> AlarmChange | None:
    """Reads an SNS message of CloudWatch; None where it tells nobody anything.

    That data are missing is news of an alarm that is there for it, and says so by `missing`. What is well when it is
    first looked at, as all is after a deployment, is none.

    Raises:
        Malformed: it is no alarm's message.
    """
    body = strict_json.parse(message.encode())
    if not isinstance(body, dict):
        raise Malformed("An alarm's message is an object")
    try:
        watches_data = str(body.get("Trigger", {}).get("TreatMissingData", "")).endswith("missing")
        state, before = body["NewStateValue"], body.get("OldStateValue")
        if not watches_data and (state == NO_DATA or (state == "OK" and before == NO_DATA)):
            return None
        severity, _, said = body["AlarmDescription"].partition(": ")
        return AlarmChange(
            what=body["AlarmName"].rsplit("-", 1)[-1],
            severity="critical" if severity == "critical" else "warning",
            open=state != "OK",
            at=datetime.strptime(body["StateChangeTime"], TIME).astimezone(UTC),
            detail=f"{said} ({body['NewStateReason']})",
        )
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        raise Malformed(f"No alarm's message: {type(exc).__name__} {exc}") from exc


def alert_object(alert: RaisedAlarm) -> AlertObject:
    """Returns an alert as the API returns it."""
    status = "resolved" if alert.closed_at else "acknowledged" if alert.acknowledged_at else "open"
    return {
        "id": alert.id,
        "alarm": alert.what,
        "severity": alert.severity,
        "status": status,
        "opened_at": timestamp(alert.opened_at),
        "closed_at": timestamp(alert.closed_at) if alert.closed_at else None,
        "acknowledged_at": timestamp(alert.acknowledged_at) if alert.acknowledged_at else None,
        "detail": alert.detail,
    }


def alerts_response(alerts: Sequence[RaisedAlarm]) -> AlertsResponse:
    """Returns the response that lists alerts."""
    return {"alerts": [alert_object(alert) for alert in alerts], "count": len(alerts)}


def alert_counts(alerts: Sequence[RaisedAlarm]) -> AlertCounts:
    """Counts alerts by severity."""
    severities = [alert.severity for alert in alerts]
    return {
        "total_recent": len(alerts),
        "critical": severities.count("critical"),
        "warning": severities.count("warning"),
        "open": sum(alert.closed_at is None for alert in alerts),
    }
