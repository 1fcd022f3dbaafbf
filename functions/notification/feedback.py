"""What became of mails (topic `MailFeedbackTopic`): they were delivered, bounced or complained about."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from fraudshield.errors import Malformed, NotFound
from fraudshield.notification import wiring as notification_wiring
from fraudshield.notification.mail import MailStatus, feedback
from fraudshield.telemetry import flush_metrics, logger, metrics


def lambda_handler(event: dict[str, Any], context: object) -> None:  # noqa: ARG001 Lambda hands it over
    """Records the news of mails. It is safe to repeat. What is not about a mail of ours is logged and dropped."""
    for record in event["Records"]:
        try:
            _note(record["Sns"]["Message"])
        except (Malformed, NotFound) as exc:
            logger.error("no news of a mail", message_id=record["Sns"]["MessageId"], cause=exc.code)
    flush_metrics()


def _note(message: str) -> None:
    told = feedback(message)
    if told is None:
        return
    mail = notification_wiring.mails().note(told.mail_id, told.status, told.reason)
    logger.info("mail", mail_id=mail.mail_id, status=told.status.value)
    if told.status is not MailStatus.DELIVERED:
        metrics.add_metric(name="MailUnwanted", unit=MetricUnit.Count, value=1)
    if told.suppress:
        notification_wiring.subscribers().suppress(mail.subscriber_id, f"{told.status}: {told.reason}")
