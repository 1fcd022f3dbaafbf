"""Counts what the stream's consumer had to set aside or give up (queue `AggregatesRetryQueue`), once."""

import time

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from fraudshield.analytics import counter_wiring as analytics_counter_wiring
from fraudshield.api.sqs_entry import sqs_entry
from fraudshield.dynamo import stream
from fraudshield.dynamo.stream import GivenUp, Skipped, parse
from fraudshield.telemetry import logger

MESSAGE_S = 3.5  # for one message; ten of them end within the function's time-out


def _count(record: SQSRecord) -> None:
    stop_at = time.monotonic() + MESSAGE_S
    aside = parse(record.body)
    records = aside.records if isinstance(aside, Skipped) else stream.read(aside)
    analytics_counter_wiring.stream_counter().retry(aside.shard, records, isinstance(aside, GivenUp), stop_at)
    logger.info("set-aside records counted", shard=aside.shard, records=len(records))


lambda_handler = sqs_entry(_count)
