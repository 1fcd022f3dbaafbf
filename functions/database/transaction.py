"""Transactions: stored as they were sent, found by id, listed by time, account or expected loss."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response

from fraudshield.api.openapi import documented
from fraudshield.api.path import TransactionIdPath
from fraudshield.api.request import json_body, query, scope
from fraudshield.api.response import json_response
from fraudshield.errors import FactConflict, TransactionConflict, UnknownEventType
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.history import wiring as history_wiring
from fraudshield.history.fact import FactsRequest, FactsResponse, facts_response, read_facts
from fraudshield.history.listing import TransactionsQuery, TransactionsResponse, transactions_response
from fraudshield.history.record import (
    StoreRequest,
    StoreResponse,
    TransactionResponse,
    read_store_request,
    store_response,
    transaction_response,
)
from fraudshield.label import wiring as label_wiring
from fraudshield.policy import wiring as policy_wiring
from fraudshield.policy.owner import owners
from fraudshield.review import wiring as review_wiring
from fraudshield.review.response import ReviewObject, review_object

router = APIRouter()


class ReviewedTransaction(TransactionResponse):
    """One transaction with all that is known about it; `review` is null where it was not flagged."""

    review: ReviewObject | None


SHOWN_PREDICTIONS = 100
SCORE, ANALYST = Depends(scope("score")), Depends(scope("analyst"))


@router.post(
    "/transactions",
    dependencies=[SCORE],
    **documented(StoreResponse, StoreRequest, raises=(TransactionConflict, UnknownEventType)),
)
async def store(request: Request) -> Response:
    """Keep a transaction without a decision; the first score of the same id and content fills that in."""
    sent = read_store_request(await json_body(request), event_type_wiring.event_types())
    new = history_wiring.records().store(sent, datetime.now(UTC))
    return json_response(store_response(sent.transaction_id, new))


@router.post(
    "/transactions/{transaction_id:segment}/facts",
    dependencies=[SCORE],
    **documented(FactsResponse, FactsRequest, raises=(FactConflict,)),
)
async def tell(request: Request, transaction_id: TransactionIdPath) -> Response:
    """Tell what became of a payment, once for each field of its type that says later. No part of its content."""
    body = await json_body(request)
    own = history_wiring.records().find(transaction_id).transaction.own
    event_type = event_type_wiring.event_types().newest(own.event_type.name) if own else None
    facts = read_facts(body, event_type)
    new = history_wiring.records().tell(transaction_id, facts, event_type.shown if event_type else ())
    return json_response(facts_response(new))


@router.get(
    "/transactions",
    dependencies=[ANALYST],
    **documented(TransactionsResponse, query=TransactionsQuery, raises=(UnknownEventType,)),
)
async def transactions(request: Request) -> Response:
    """A page of transactions, newest first; or with `sort=expected_loss` of the review queue, dearest first."""
    asked = query(request, TransactionsQuery)
    page = history_wiring.transaction_list().page(asked)
    return json_response(transactions_response(page, asked.limit, asked.offset))


@router.get("/transactions/{transaction_id:segment}", dependencies=[SCORE], **documented(ReviewedTransaction))
async def transaction(transaction_id: TransactionIdPath) -> Response:
    """One transaction with its decision, all predictions about it, its labels, and how far its review is."""
    stored = history_wiring.records().find(transaction_id)
    predictions, _ = history_wiring.records().predictions(transaction_id, SHOWN_PREDICTIONS, None)
    labels = label_wiring.labels().history(transaction_id)
    policy = policy_wiring.policies().of(owners(stored.transaction)).current().policy
    review = review_object(review_wiring.reviews().find(transaction_id), datetime.now(UTC), policy.decided_within)
    return json_response({**transaction_response(stored, predictions, labels), "review": review})
