"""The Lambda handler of a function that takes messages from a queue: each succeeds or is delivered again by itself.

After the queue's limit it goes to the dead-letter queue. Every failure is a line of the log with the message's id, how
often it was received, and what it was about; the last one before the dead letters is counted.

A function that says what is to become of `Unsettled` messages waits out outages: what fails because something does not
respond comes again within seconds, for days; what cannot be read, or fails otherwise, is given up without that.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from fraudshield.errors import FraudShieldError, Malformed, QueueUnavailable, Unavailable
from fraudshield.settings import Settings, settings
from fraudshield.telemetry import flush_metrics, logger, metrics

Entry = Callable[[dict[str, Any], LambdaContext], PartialItemFailureResponse]
Settle = Callable[[SQSRecord], None]
Ids = Callable[[str], Mapping[str, Any]]  # ids in a message's body, for the log: never a name or an amount


class QueueSettings(Settings):
    """How often a message is delivered before its queue gives it up: the queue's `maxReceiveCount`."""

    message_attempts: int = 5


TRIES = 5  # of what fails for another reason than an outage


class Returns(Protocol):
    """Puts messages of a queue back."""

    def put_back(self, receipt_handle: str, receives: int) -> None:
        """Has the message, which was received so often, come again soon. Raises QueueUnavailable."""


class DeadLetters(Protocol):
    """Takes messages that are given up."""

    def give_up(self, body: str) -> None:
        """Takes the message. Raises QueueUnavailable."""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """What becomes of messages that could not be settled."""

    returns: Returns
    dead_letters: DeadLetters


def nothing(_: str) -> Mapping[str, Any]:
    """Names nothing but the message itself."""
    return {}


def sqs_entry(settle: Settle, ids: Ids = nothing, unsettled: Callable[[], Unsettled] | None = None) -> Entry:
    """The Lambda handler of a function that settles messages one by one; where `settle` raises, one comes again."""

    def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
        try:
            return each_message(event, context, settle, ids, unsettled)
        finally:
            flush_metrics()

    return handler


def each_message(
    event: dict[str, Any],
    context: LambdaContext,
    settle: Settle,
    ids: Ids = nothing,
    unsettled: Callable[[], Unsettled] | None = None,
) -> PartialItemFailureResponse:
    """Settles each message of the event; names to Lambda those that are to be delivered again."""

    def told(record: SQSRecord) -> None:
        try:
            settle(record)
        except Exception as exc:
            if unsettled is not None and is_given_up(record, exc, unsettled()):
                tell_given_up(record, exc, ids)
                return
            tell_failure(record, exc, ids)
            raise

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event, told, processor, context)


def is_given_up(record: SQSRecord, exc: Exception, unsettled: Unsettled) -> bool:
    """Puts the message back where something did not respond, else gives it up when it is time; says whether it did.

    Where the queue itself does not respond the message is delivered again when the time of the queue is over.
    """
    times = receives(record)
    try:
        if isinstance(exc, Unavailable):
            unsettled.returns.put_back(record.receipt_handle, times)
        elif isinstance(exc, Malformed) or times >= TRIES:
            unsettled.dead_letters.give_up(record.body)
            return True
    except QueueUnavailable as gone:
        logger.warning("message not moved", message_id=record.message_id, cause=str(gone))
    return False


def put_back(event: dict[str, Any], returns: Returns) -> None:
    """Puts all messages of the event back, for a function that settles them together."""
    for record in map(SQSRecord, event["Records"]):
        try:
            returns.put_back(record.receipt_handle, receives(record))
        except QueueUnavailable as exc:
            logger.warning("message not moved", message_id=record.message_id, cause=str(exc))


def receives(record: SQSRecord) -> int:
    """How often the message was delivered, this time included."""
    attributes = record.raw_event.get("attributes") or {}
    return int(attributes.get("ApproximateReceiveCount", 1))


def tell_failure(record: SQSRecord, exc: Exception, ids: Ids) -> None:
    """Logs why a message was not settled; counts it where it will not be delivered again."""
    times, limit = receives(record), settings(QueueSettings).message_attempts
    if times >= limit:
        tell_given_up(record, exc, ids)
        return
    logger.warning("message not settled", **_told(record, exc, ids), of=limit)


def tell_given_up(record: SQSRecord, exc: Exception, ids: Ids) -> None:
    """Logs and counts a message that will not be delivered again, and why."""
    logger.error("message given up", **_told(record, exc, ids))
    metrics.add_metric(name="MessageGivenUp", unit=MetricUnit.Count, value=1)


def _told(record: SQSRecord, exc: Exception, ids: Ids) -> dict[str, Any]:
    return {"message_id": record.message_id, "receives": receives(record), "cause": cause(exc), **named(record, ids)}


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
