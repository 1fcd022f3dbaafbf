"""CloudWatch's alarms (topic `AlarmsTopic`) as alerts: opened, closed, kept for whoever asks."""

from typing import Any

from fraudshield.errors import Malformed
from fraudshield.monitoring import wiring as monitoring_wiring
from fraudshield.monitoring.alarm import alarm_change
from fraudshield.telemetry import logger


def lambda_handler(event: dict[str, Any], context: object) -> None:  # noqa: ARG001 Lambda hands it over
    """Opens and closes alerts. It is safe to repeat. What is no alarm's message is logged and dropped."""
    for record in event["Records"]:
        try:
            change = alarm_change(record["Sns"]["Message"])
        except Malformed as exc:
            logger.error("no alarm's message", message_id=record["Sns"]["MessageId"], cause=str(exc))
            continue
        if change is not None and monitoring_wiring.monitoring_store().change(change):
            state = "open" if change.open else "closed"
            logger.warning("alarm", alarm=change.what, severity=change.severity, state=state)
