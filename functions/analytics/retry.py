"""Counts, once, what the stream's consumer or Lambda sent to the dead letters (queue `AggregatesRetryQueue`)."""

import time

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from fraudshield.analytics import counter_wiring as analytics_counter_wiring
from fraudshield.api.sqs_entry import sqs_entry
from fraudshield.dynamo.stream import ShardRange, parse, records_of, tell_lost
from fraudshield.telemetry import logger

MESSAGE_S = 3.5  # for one message; ten of them end within the function's time-out


def _count(record: SQSRecord) -> None:
    stop_at = time.monotonic() + MESSAGE_S
    dead_letter = parse(record.body)
    found = records_of(dead_letter, stop_at)
    analytics_counter_wiring.stream_counter().retry(
        dead_letter.shard, found.records, isinstance(dead_letter, ShardRange), stop_at
    )
    tell_lost(dead_letter, found)
    logger.info("dead-letter records counted", shard=dead_letter.shard, records=len(found.records))


lambda_handler = sqs_entry(_count, ids=lambda body: parse(body).ids)
