"""Counts what the stream's consumer had to set aside or give up (queue `AggregatesRetryQueue`), once."""

import time
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from fraudshield import set_aside
from fraudshield.aws import stream
from fraudshield.observability import logger
from fraudshield.wirings import analytics_counter as analytics_counter_wiring

MESSAGE_S = 3.5  # for one message; ten of them end within the function's time-out


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Each message succeeds or comes again by itself; after the queue's limit it is in the dead-letter queue."""
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event, _count, processor, context)


def _count(record: SQSRecord) -> None:
    stop_at = time.monotonic() + MESSAGE_S
    aside = set_aside.parse(record.body)
    records = aside.records if isinstance(aside, set_aside.Skipped) else stream.read(aside)
    analytics_counter_wiring.stream_counter().retry(aside.shard, records, isinstance(aside, set_aside.GivenUp), stop_at)
    logger.info("set-aside records counted", shard=aside.shard, records=len(records))
