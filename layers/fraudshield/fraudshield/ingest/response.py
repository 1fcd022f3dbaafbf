"""The response to a request that sends transactions to be queued."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, NotRequired

from typing_extensions import TypedDict

from fraudshield.errors import InvalidInput
from fraudshield.ingest.request import IngestOutcome
from fraudshield.result import Result
from fraudshield.scoring.request import Rejected
from fraudshield.text.fault import FaultObject, fault_object
from fraudshield.text.schema import Moment, one_of
from fraudshield.text.timestamp import timestamp
from fraudshield.transaction.quality import REPEATED, quality_flags


class FlaggedObject(TypedDict):
    """A transaction that was accepted, and what is odd about it."""

    transaction_id: str
    flags: list[str]


class QualityObject(TypedDict):
    """How many transactions were accepted, and those of them that are odd."""

    accepted: int
    rejected: int
    flagged: list[FlaggedObject]


class RejectedObject(TypedDict):
    """A transaction that was refused: its position in the request, its id where that could be read, what is wrong."""

    index: int
    transaction_id: str | None
    error: str
    errors: list[FaultObject]


class IngestResponse(TypedDict):
    """`success`, `partial` or `rejected`. What is in `transaction_ids` is durably queued and will be scored."""

    status: Annotated[str, one_of("success", "partial", "rejected")]
    transaction_id: NotRequired[str]
    transaction_ids: list[str]
    ingested_at: Moment
    quality: QualityObject
    rejected: list[RejectedObject]
    request_id: str


def ingest_response(outcome: IngestOutcome, single: bool, received_at: datetime, request_id: str) -> IngestResponse:
    """Makes the response; that of a single transaction has its id by itself too.

    Raises:
        InvalidInput: the request was one transaction, and it is refused.
    """
    if single and outcome.refused:
        raise InvalidInput("The transaction is not valid", outcome.refused[0].faults, code="invalid_transaction")
    names = [one.transaction.transaction_id for one in outcome.queued]
    response: IngestResponse = {
        "status": "rejected" if not names else "partial" if outcome.refused else "success",
        "transaction_ids": names,
        "ingested_at": timestamp(received_at),
        "quality": {"accepted": len(names), "rejected": len(outcome.refused), "flagged": list(_flagged(outcome))},
        "rejected": [_rejected(index, one) for index, one in outcome.refused.items()],
        "request_id": request_id,
    }
    if single:
        response["transaction_id"] = names[0]
    return response


def ingest_result(response: IngestResponse) -> Result:
    """The result of the request: queued when any transaction was."""
    return Result.QUEUED if response["transaction_ids"] else Result.ALL_FAILED


def _flagged(outcome: IngestOutcome) -> Iterator[FlaggedObject]:
    for one in outcome.queued:
        name = one.transaction.transaction_id
        flags = [*quality_flags(one.transaction, one.received_at), *([REPEATED] if name in outcome.repeated else [])]
        if flags:
            yield {"transaction_id": name, "flags": flags}


def _rejected(index: int, one: Rejected) -> RejectedObject:
    return {
        "index": index,
        "transaction_id": one.transaction_id,
        "error": "The transaction is not taken",
        "errors": [fault_object(fault) for fault in one.faults],
    }
