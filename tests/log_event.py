"""Log lines as CloudWatch delivers them to a function."""

import json
from datetime import UTC, datetime
from typing import Any

from infra.laptop.cloudwatch.log_forwarder import log_event
from infra.laptop.cloudwatch.log_pattern import LogPattern
from infra.laptop.cloudwatch.log_subscription import LogSubscription

MODEL_LOGS = "fraudshield-dev-ModelLogs-1A2B3C4D5E6F"
ACCESS_LOGS = "fraudshield-dev-ApiAccessLogs-1A2B3C4D5E6F"
AT = datetime(2026, 11, 24, 10, tzinfo=UTC)


def told(*lines: str, group: str = MODEL_LOGS, at: datetime = AT, first: int = 0) -> dict[str, Any]:
    """One delivery: a line each millisecond from `at` on, their ids counted from `first`."""
    at_ms = int(at.timestamp() * 1000)
    events = [{"id": f"{first + n:056d}", "timestamp": at_ms + n, "message": line} for n, line in enumerate(lines)]
    event: dict[str, Any] = json.loads(log_event(subscription(group), events))
    return event


def subscription(group: str) -> LogSubscription:
    """A subscription to all lines of a group."""
    return LogSubscription("Filter", group, "MonitoringLogsFunction", LogPattern.read("Filter", ""))


def warning(message: str = "store unavailable", level: str = "WARNING", **more: Any) -> str:
    """A line as our logger writes it."""
    own = {"level": level, "location": "_failed:73", "message": message, "service": "model", "request_id": "r-1"}
    return json.dumps(own | more)


def call(method: str = "POST", route: str = "/api/v1/score", **more: str) -> str:
    """A line of the access log, in the template's format."""
    told = {"request_id": "r-1", "method": method, "route": route, "status": "200", "error": "-"}
    return json.dumps(told | {"api_key_id": "AnalystKey", "latency_ms": "40", "integration_status": "200"} | more)
