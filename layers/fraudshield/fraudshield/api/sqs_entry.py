"""The Lambda handler of a function that takes messages from a queue: each succeeds or is delivered again by itself.

After the queue's limit it goes to the dead-letter queue.
"""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from fraudshield.telemetry import flush_metrics

Entry = Callable[[dict[str, Any], LambdaContext], PartialItemFailureResponse]


def sqs_entry(settle: Callable[[SQSRecord], None]) -> Entry:
    """The Lambda handler of a function that settles messages one by one; where `settle` raises, one comes again."""

    def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
        try:
            return each_message(event, context, settle)
        finally:
            flush_metrics()

    return handler


def each_message(
    event: dict[str, Any], context: LambdaContext, settle: Callable[[SQSRecord], None]
) -> PartialItemFailureResponse:
    """Settles each message of the event; names to Lambda those of which `settle` raised."""
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event, settle, processor, context)
