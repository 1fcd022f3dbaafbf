"""The dispatcher's run (queue `MailQueue`): it sends what is due, and asks for the next run when more will be.

A message may have a notice in it that could not be told while the store was away: it is told first.
"""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from fraudshield.api.sqs_entry import put_back
from fraudshield.errors import Malformed, Unavailable
from fraudshield.notification import mail_wiring as notification_mail_wiring
from fraudshield.notification import notice_wiring as notification_notice_wiring
from fraudshield.notification import wiring as notification_wiring
from fraudshield.notification.sqs import notice_of
from fraudshield.telemetry import flush_metrics, logger, metrics

MARGIN_MS = 25_000  # one more mail takes no longer, however slow SES and the store are


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Makes one run, however many messages asked for it. Where it raises, the messages come again."""
    try:
        for notice in filter(None, (notice_of(record["body"]) for record in event["Records"])):
            _tell(notice)
        _run(context)
    except Unavailable:
        put_back(event, notification_wiring.wake_up_returns())
        raise


def _tell(notice: str) -> None:
    try:
        notification_notice_wiring.notices().tell(notice)
    except Malformed as exc:
        logger.error("no notice", cause=exc.code)


def _run(context: LambdaContext) -> None:
    dispatcher = notification_mail_wiring.dispatcher()
    try:
        again = dispatcher.run(lambda: context.get_remaining_time_in_millis() > MARGIN_MS)
        if again is not None:
            notification_wiring.wake_up().wake(again)
    finally:
        done = +dispatcher.done
        if done:
            logger.info("mails", done=dict(done))
        for name, number in done.items():
            metrics.add_metric(name=name, unit=MetricUnit.Count, value=number)
        flush_metrics()
