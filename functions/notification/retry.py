"""Queues the alerts of the stream's dead letters (queue `AlertsRetryQueue`), each once."""

import time

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from fraudshield.api.sqs_entry import sqs_entry
from fraudshield.dynamo.stream import parse, records_of, tell_lost
from fraudshield.notification import wiring as notification_wiring
from fraudshield.telemetry import logger

READ_S = 3.5  # for the records of one message; ten of them end within the function's time-out


def _tell(record: SQSRecord) -> None:
    dead_letter = parse(record.body)
    found = records_of(dead_letter, time.monotonic() + READ_S)
    told = notification_wiring.stored_alerts().tell_all(found.records)
    tell_lost(dead_letter, found)
    logger.info("dead-lettered alerts queued", told=told, records=len(found.records))


lambda_handler = sqs_entry(_tell, ids=lambda body: parse(body).ids)
