"""Scores what `POST /ingest` queued and does the one write (queue `IngestQueue`)."""

import time
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from fraudshield.api.sqs_entry import Unsettled, each_message
from fraudshield.errors import Malformed, TransactionConflict, Unavailable
from fraudshield.ingest import worker_wiring as ingest_worker_wiring
from fraudshield.ingest.queue_scorer import SenderErased
from fraudshield.scoring.scoring import DecisionResult
from fraudshield.scoring.telemetry import observe
from fraudshield.telemetry import flush_metrics, metrics
from fraudshield.transaction.queued import read_message


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Scores the batch at once; each message succeeds, is delivered again by itself, or goes to the dead letters."""
    began = time.monotonic()
    settled = ingest_worker_wiring.queue_scorer().settle([record["body"] for record in event["Records"]], began)
    results = dict(zip((record["messageId"] for record in event["Records"]), settled, strict=True))

    def check(record: SQSRecord) -> None:
        result = results[record.message_id]
        if isinstance(result, Malformed | Unavailable):
            raise result

    try:
        return each_message(event, context, check, _ids, _unsettled)
    finally:
        observe(
            [one for one in settled if isinstance(one, DecisionResult | TransactionConflict)],
            (time.monotonic() - began) * 1000,
        )
        if erased := sum(isinstance(one, SenderErased) for one in settled):
            metrics.add_metric(name="Erased", unit=MetricUnit.Count, value=erased)
        flush_metrics()


def _unsettled() -> Unsettled:
    return Unsettled(ingest_worker_wiring.returns(), ingest_worker_wiring.dead_letters())


def _ids(body: str) -> Mapping[str, object]:
    return {"transaction_id": read_message(body).transaction.transaction_id}
