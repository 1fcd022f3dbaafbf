"""Counts, once, what the stream's consumer or Lambda sent to the dead letters (queue `AggregatesRetryQueue`)."""

import time

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from fraudshield.analytics import counter_wiring as analytics_counter_wiring
from fraudshield.api.sqs_entry import sqs_entry
from fraudshield.dynamo import stream
from fraudshield.dynamo.stream import ShardRange, ShardRecords, parse
from fraudshield.telemetry import logger

MESSAGE_S = 3.5  # for one message; ten of them end within the function's time-out


def _count(record: SQSRecord) -> None:
    stop_at = time.monotonic() + MESSAGE_S
    dead_letter = parse(record.body)
    records = dead_letter.records if isinstance(dead_letter, ShardRecords) else stream.read(dead_letter)
    analytics_counter_wiring.stream_counter().retry(
        dead_letter.shard, records, isinstance(dead_letter, ShardRange), stop_at
    )
    logger.info("dead-letter records counted", shard=dead_letter.shard, records=len(records))


lambda_handler = sqs_entry(_count)
