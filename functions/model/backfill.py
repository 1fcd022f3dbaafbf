"""Stores the decisions that were answered while DynamoDB did not take them (queue `UnpersistedQueue`)."""

from collections import Counter
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from fraudshield.aws.backfill import Backfill
from fraudshield.errors import FraudShieldError
from fraudshield.observability import flush_metrics, logger, metrics
from fraudshield.settings import settings
from fraudshield.wirings import dynamo as dynamo_wiring
from fraudshield.wirings import erasure as erasure_wiring
from fraudshield.wirings.transaction import TransactionSettings


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Each message succeeds or comes again by itself; after the queue's limit it is in the dead-letter queue."""
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    try:
        return process_partial_response(event, _store, processor, context)
    finally:
        flush_metrics()


def _store(record: SQSRecord) -> None:
    try:
        table = settings(TransactionSettings).transactions_table
        backfill = Backfill(table, erasure_wiring.erasures(), dynamo_wiring.store_calls())
        filed = Counter(backfill.file(record.body))
    except FraudShieldError as exc:
        logger.warning("parked decisions not stored", message_id=record.message_id, code=exc.code, cause=str(exc))
        raise
    for result, number in filed.items():
        metrics.add_metric(name=result, unit=MetricUnit.Count, value=number)
    logger.info("parked decisions stored", message_id=record.message_id, filed=filed)
