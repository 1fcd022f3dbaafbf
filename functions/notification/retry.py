"""Queues the alerts of the stream's dead letters (queue `AlertsRetryQueue`), each once."""

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from fraudshield.api.sqs_entry import sqs_entry
from fraudshield.dynamo import stream
from fraudshield.dynamo.stream import ShardRecords, parse
from fraudshield.notification import wiring as notification_wiring
from fraudshield.telemetry import logger


def _tell(record: SQSRecord) -> None:
    dead_letter = parse(record.body)
    records = dead_letter.records if isinstance(dead_letter, ShardRecords) else stream.read(dead_letter)
    told = notification_wiring.stored_alerts().tell_all(records)
    logger.info("dead-lettered alerts queued", told=told, records=len(records))


lambda_handler = sqs_entry(_tell)
