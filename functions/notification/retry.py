"""Tells of what the stream's consumer had to set aside or give up (queue `AlertsRetryQueue`), once."""

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from fraudshield.api.sqs_entry import sqs_entry
from fraudshield.dynamo import stream
from fraudshield.dynamo.stream import Skipped, parse
from fraudshield.notification import wiring as notification_wiring
from fraudshield.telemetry import logger


def _tell(record: SQSRecord) -> None:
    aside = parse(record.body)
    records = aside.records if isinstance(aside, Skipped) else stream.read(aside)
    told = notification_wiring.stored_alerts().tell_all(records)
    logger.info("set-aside alerts queued", told=told, records=len(records))


lambda_handler = sqs_entry(_tell)
