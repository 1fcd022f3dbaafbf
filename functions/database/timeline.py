"""What happened to a payment, in one order: decisions, predictions, labels, verdicts, notes, and whom it was told."""

from collections.abc import Iterator

from fastapi import APIRouter, Depends, Response

from fraudshield.api.openapi import documented
from fraudshield.api.path import TransactionIdPath
from fraudshield.api.request import scope
from fraudshield.api.response import json_response
from fraudshield.history import wiring as history_wiring
from fraudshield.history.prediction import prediction_entry
from fraudshield.label import wiring as label_wiring
from fraudshield.review import wiring as review_wiring
from fraudshield.review.timeline import (
    Happening,
    TimelineResponse,
    of_labels,
    of_notes,
    of_verdicts,
    timeline_response,
)

router = APIRouter(dependencies=[Depends(scope("analyst"))])

SHOWN_PREDICTIONS = 100


@router.get("/transactions/{transaction_id:segment}/timeline", **documented(TimelineResponse))
async def timeline(transaction_id: TransactionIdPath) -> Response:
    """Everything that happened to a payment, oldest first."""
    happened = [
        *_kept(transaction_id),
        *of_labels(label_wiring.labels().history(transaction_id)),
        *of_verdicts(review_wiring.reviews().find(transaction_id).verdicts),
        *of_notes(review_wiring.notes().of(transaction_id)),
        *_told(transaction_id),
    ]
    return json_response(timeline_response(transaction_id, happened))


def _kept(transaction_id: str) -> Iterator[Happening]:
    stored = history_wiring.records().find(transaction_id)
    yield Happening(stored.received_at, "received", {"source": stored.source})
    predictions, _ = history_wiring.records().predictions(transaction_id, SHOWN_PREDICTIONS, None)
    for one in predictions:
        yield Happening(one.decided_at, "decision" if one.kind == "first" else "prediction", prediction_entry(one))


def _told(transaction_id: str) -> Iterator[Happening]:
    from fraudshield.notification import wiring as notification_wiring  # noqa: PLC0415 a cold start would pay for it

    for one in notification_wiring.alert_queue().told_of(transaction_id):
        yield Happening(one.told_at, "mail", {"subscriber_id": one.subscriber_id})
