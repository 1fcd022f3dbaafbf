"""The Lambda handler of a function that takes messages from a queue: each succeeds or is delivered again by itself.

After the queue's limit it goes to the dead-letter queue. Every failure is a line of the log with the message's id, how
often it was received, and what it was about; the last one before the dead letters is counted.
"""

from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from fraudshield.errors import FraudShieldError
from fraudshield.settings import Settings, settings
from fraudshield.telemetry import flush_metrics, logger, metrics

Entry = Callable[[dict[str, Any], LambdaContext], PartialItemFailureResponse]
Settle = Callable[[SQSRecord], None]
Ids = Callable[[str], Mapping[str, Any]]  # ids in a message's body, for the log: never a name or an amount


class QueueSettings(Settings):
    """How often a message is delivered before its queue gives it up: the queue's `maxReceiveCount`."""

    message_attempts: int = 5


def nothing(_: str) -> Mapping[str, Any]:
    """Names nothing but the message itself."""
    return {}


def sqs_entry(settle: Settle, ids: Ids = nothing) -> Entry:
    """The Lambda handler of a function that settles messages one by one; where `settle` raises, one comes again."""

    def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
        try:
            return each_message(event, context, settle, ids)
        finally:
            flush_metrics()

    return handler


def each_message(
    event: dict[str, Any], context: LambdaContext, settle: Settle, ids: Ids = nothing
) -> PartialItemFailureResponse:
    """Settles each message of the event; names to Lambda those of which `settle` raised."""

    def told(record: SQSRecord) -> None:
        try:
            settle(record)
        except Exception as exc:
            tell_failure(record, exc, ids)
            raise

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event, told, processor, context)


def receives(record: SQSRecord) -> int:
    """How often the message was delivered, this time included."""
    attributes = record.raw_event.get("attributes") or {}
    return int(attributes.get("ApproximateReceiveCount", 1))


def tell_failure(record: SQSRecord, exc: Exception, ids: Ids) -> None:
    """Logs why a message was not settled; counts it where it will not be delivered again."""
    times, limit = receives(record), settings(QueueSettings).message_attempts
    told: dict[str, Any] = {
        "message_id": record.message_id,
        "receives": times,
        "of": limit,
        "cause": cause(exc),
        **named(record, ids),
    }
    if times < limit:
        logger.warning("message not settled", **told)
        return
    logger.error("message given up", **told)
    metrics.add_metric(name="MessageGivenUp", unit=MetricUnit.Count, value=1)


def named(record: SQSRecord, ids: Ids) -> Mapping[str, Any]:
    """The ids in a message; none where it cannot be read."""
    try:
        return ids(record.body)
    except (FraudShieldError, ValueError, LookupError, TypeError, AttributeError) as exc:
        return {"unreadable": type(exc).__name__}


def cause(exc: Exception) -> str:
    """Our code, or the kind of the error: its text may repeat what is in the message."""
    if isinstance(exc, FraudShieldError):
        return exc.code
    return type(exc).__name__
