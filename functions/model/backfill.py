"""Stores the decisions that were given out while DynamoDB did not take them (queue `UnpersistedQueue`)."""

from collections import Counter
from collections.abc import Mapping

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from fraudshield.api.sqs_entry import Unsettled, sqs_entry
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.erasure import wiring as erasure_wiring
from fraudshield.scoring import wiring as scoring_wiring
from fraudshield.scoring.dynamo_backfill import Backfill, parked_items
from fraudshield.settings import settings
from fraudshield.telemetry import logger, metrics
from fraudshield.transaction.wiring import TransactionSettings


def _store(record: SQSRecord) -> None:
    filed = Counter(_backfill().file(record.body))
    for result, number in filed.items():
        metrics.add_metric(name=result, unit=MetricUnit.Count, value=number)
    logger.info("parked decisions stored", message_id=record.message_id, filed=filed)


def _backfill() -> Backfill:
    table = settings(TransactionSettings).transactions_table
    return Backfill(table, erasure_wiring.erasures(), dynamo_wiring.store_calls())


def _unsettled() -> Unsettled:
    return Unsettled(scoring_wiring.parked_returns(), scoring_wiring.parked_dead_letters())


def _ids(body: str) -> Mapping[str, object]:
    items, _ = parked_items(body)
    return {"transaction_ids": [item["transaction_id"]["S"] for item in items]}


lambda_handler = sqs_entry(_store, _ids, _unsettled)
