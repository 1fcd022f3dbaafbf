"""Messages of other services' topics as alerts: an alarm of CloudWatch, the end of a batch job."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from fraudshield.errors import Malformed
from fraudshield.monitoring.alarm import AlarmChange
from fraudshield.notification.alert import Alert, Severity, job_alert, system_alert
from fraudshield.text import strict_json

CANCELLED = "cancelled"
ALARM_SEVERITY = {"critical": Severity.CRITICAL, "warning": Severity.WARNING}


@dataclass(frozen=True, slots=True)
class JobNotice:
    """The end of a job, and the address that its sender named; empty where none was."""

    alert: Alert
    notify: str


def alarm_type(change: AlarmChange) -> str:
    """The type under which the cool-down counts the alarm: its start and its end are two types."""
    return f"{change.what}, {'on' if change.open else 'over'}"


def alarm_alert(change: AlarmChange) -> Callable[[int], Alert]:
    """Returns what makes the alert of an alarm that went off or ended, from the number of repeats."""
    severity = ALARM_SEVERITY[change.severity] if change.open else Severity.WARNING
    title = f"Alarm {change.what}" if change.open else f"Alarm {change.what} is over"
    details, path = {"why": change.detail}, f"/#/runbook/{quote(change.what, safe='')}"
    return lambda repeats: replace(
        system_alert(alarm_type(change), title, details, severity, change.at, repeats), path=path
    )


def job_notice(message: str) -> JobNotice | None:
    """Reads the end of a job; None where somebody cancelled it, who knows already. Raises Malformed."""
    body: Any = strict_json.parse(message.encode())
    try:
        if body["status"] == CANCELLED:
            return None
        ended_at = datetime.fromisoformat(body["completed_at"] or body["created_at"])
        total, failed = int(body["total_items"] or 0), int(body["failed_items"] or 0)
        alert = job_alert(body["job_id"], body["status"], total, failed, _cause(body), ended_at)
        return JobNotice(alert, str(body.get("notify") or ""))
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        raise Malformed(f"No message of a job: {type(exc).__name__} {exc}") from exc


def _cause(body: Any) -> str:
    if body["error_message"]:
        return str(body["error_message"])
    flagged = body.get("high_risk_count")
    return "" if flagged is None else f"{int(flagged):,} of them are of high risk"
