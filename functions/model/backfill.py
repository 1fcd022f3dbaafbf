"""Stores the decisions that were given out while DynamoDB did not take them (queue `UnpersistedQueue`)."""

from collections import Counter

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from fraudshield.api.sqs_entry import sqs_entry
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.erasure import wiring as erasure_wiring
from fraudshield.errors import FraudShieldError
from fraudshield.scoring.dynamo_backfill import Backfill
from fraudshield.settings import settings
from fraudshield.telemetry import logger, metrics
from fraudshield.transaction.wiring import TransactionSettings


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


lambda_handler = sqs_entry(_store)
