"""Tells of what the stream's consumer had to set aside or give up (queue `AlertsRetryQueue`), once."""

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from fraudshield import set_aside
from fraudshield.aws import stream
from fraudshield.aws.sqs_entry import sqs_entry
from fraudshield.observability import logger
from fraudshield.wirings import notification as notification_wiring


def _tell(record: SQSRecord) -> None:
    aside = set_aside.parse(record.body)
    records = aside.records if isinstance(aside, set_aside.Skipped) else stream.read(aside)
    told = notification_wiring.stored_alerts().tell_all(records)
    logger.info("set-aside alerts queued", told=told, records=len(records))


lambda_handler = sqs_entry(_tell)
