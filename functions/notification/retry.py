"""Tells of what the stream's consumer had to set aside or give up (queue `AlertsRetryQueue`), once."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from fraudshield import set_aside
from fraudshield.aws import stream
from fraudshield.observability import logger
from fraudshield.wirings import notification as notification_wiring


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Each message succeeds or comes again by itself; after the queue's limit it is in the dead-letter queue."""
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event, _tell, processor, context)


def _tell(record: SQSRecord) -> None:
    aside = set_aside.parse(record.body)
    records = aside.records if isinstance(aside, set_aside.Skipped) else stream.read(aside)
    told = notification_wiring.stored_alerts().tell_all(records)
    logger.info("set-aside alerts queued", told=told, records=len(records))
