"""Alerts of other services: alarms (topic `AlarmsTopic`) and the end of batch jobs (`JobsTopic`)."""

from typing import Any

from fraudshield.errors import Malformed, StoreUnavailable
from fraudshield.notification import notice_wiring as notification_notice_wiring
from fraudshield.notification import wiring as notification_wiring
from fraudshield.telemetry import logger


def lambda_handler(event: dict[str, Any], context: object) -> None:  # noqa: ARG001 Lambda hands it over
    """Queues the alerts. It is safe to repeat. A message that is neither is logged and dropped.

    While the store is away the dispatcher's queue keeps it: that is days, where Lambda asks three times in as many
    minutes, and an alarm about the store would never be told.
    """
    for record in event["Records"]:
        message_id, message = record["Sns"]["MessageId"], record["Sns"]["Message"]
        try:
            told = notification_notice_wiring.notices().tell(message)
        except Malformed as exc:
            logger.error("no notice", message_id=message_id, cause=exc.code)
        except StoreUnavailable as exc:
            notification_wiring.wake_up().tell_later(message)
            logger.warning("notice kept", message_id=message_id, cause=str(exc))
        else:
            logger.info("notice", message_id=message_id, told=told)
