"""Closed reviews as the API lists them and the topic tells them."""

from collections.abc import Sequence
from typing import NotRequired

from typing_extensions import TypedDict

from fraudshield.review.port import ClosedReview
from fraudshield.review.response import LabelWord, VerdictWord
from fraudshield.text.json_text import Number
from fraudshield.text.schema import Moment
from fraudshield.text.timestamp import timestamp


class ClosedObject(TypedDict):
    """A verdict that nobody can undo any more. A later one about the same payment, with another id, replaces it."""

    verdict_id: str
    transaction_id: str
    verdict: VerdictWord
    closed_at: Moment
    label: LabelWord | None
    reason: str | None
    amount: Number | None
    amount_currency: NotRequired[str]
    event_type: NotRequired[str]


class ClosedResponse(TypedDict):
    """Closed reviews in the order of closing. `next_cursor` is always there: what closes later comes after it."""

    reviews: list[ClosedObject]
    count: int
    limit: int
    next_cursor: str


def closed_response(reviews: Sequence[ClosedReview], limit: int, next_cursor: str) -> ClosedResponse:
    """A page of closed reviews."""
    shown = [closed_object(one) for one in reviews]
    return {"reviews": shown, "count": len(shown), "limit": limit, "next_cursor": next_cursor}


def closed_object(one: ClosedReview) -> ClosedObject:
    """A closed review, as the API lists it and the topic tells it."""
    shown: ClosedObject = {
        "verdict_id": one.verdict_id,
        "transaction_id": one.transaction_id,
        "verdict": one.verdict,
        "closed_at": timestamp(one.closed_at),
        "label": one.label,
        "reason": one.reason,
        "amount": one.amount,
    }
    if one.amount_currency is not None:
        shown["amount_currency"] = one.amount_currency
    if one.event_type is not None:
        shown["event_type"] = one.event_type
    return shown
