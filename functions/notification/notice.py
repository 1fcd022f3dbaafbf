"""Alerts of other services: alarms (topic `AlarmsTopic`) and the end of batch jobs (`JobsTopic`)."""

from datetime import UTC, datetime
from typing import Any

from fraudshield.errors import Malformed
from fraudshield.monitoring.alarm import alarm_change
from fraudshield.notification import wiring as notification_wiring
from fraudshield.notification.event import alarm_alert, alarm_type, job_notice
from fraudshield.notification.request import windowed
from fraudshield.notification.threshold import current
from fraudshield.telemetry import logger


def lambda_handler(event: dict[str, Any], context: object) -> None:  # noqa: ARG001 Lambda hands it over
    """Queues the alerts. It is safe to repeat. A message that is neither is logged and dropped."""
    for record in event["Records"]:
        message = record["Sns"]["Message"]
        try:
            told = _job(message) if '"job_id"' in message else _alarm(message)
        except Malformed as exc:
            logger.error("no notice", message_id=record["Sns"]["MessageId"], cause=exc.code)
            continue
        logger.info("notice", message_id=record["Sns"]["MessageId"], told=told)


def _alarm(message: str) -> int:
    change = alarm_change(message)
    if change is None:
        return 0
    thresholds, now = current(notification_wiring.alert_thresholds()), datetime.now(UTC)
    alert = windowed(notification_wiring.cool_down(), thresholds, alarm_type(change), now, alarm_alert(change))
    return notification_wiring.announcer().announce([alert])


def _job(message: str) -> int:
    notice = job_notice(message)
    if notice is None:
        return 0
    return notification_wiring.announcer().announce_to(notice.notify, notice.alert)
