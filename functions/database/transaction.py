"""Transactions: stored as they were sent, found by id, listed by time, account or expected loss."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response

from fraudshield.api.openapi import documented
from fraudshield.api.path import TransactionIdPath
from fraudshield.api.request import has_scope, json_body, query, scope
from fraudshield.api.response import json_response
from fraudshield.errors import FactConflict, TransactionConflict, UnknownEventType
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.history import wiring as history_wiring
from fraudshield.history.decided import DecisionsQuery, DecisionsResponse, decisions_response
from fraudshield.history.fact import FactsRequest, FactsResponse, facts_response, read_facts
from fraudshield.history.listing import TransactionsQuery, TransactionsResponse, transactions_response
from fraudshield.history.record import (
    StoredRecord,
    StoreRequest,
    StoreResponse,
    TransactionResponse,
    read_store_request,
    store_response,
    transaction_response,
)
from fraudshield.history.rule_entry import rule_texts, with_texts
from fraudshield.label import wiring as label_wiring
from fraudshield.policy import wiring as policy_wiring
from fraudshield.policy.owner import owners
from fraudshield.rate import wiring as rate_wiring
from fraudshield.rate.rate import NO_RATES
from fraudshield.review import wiring as review_wiring
from fraudshield.review.response import ReviewObject, review_object
from fraudshield.scoring.decision import Decision

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


@router.get(
    "/decisions",
    dependencies=[ANALYST],
    **documented(DecisionsResponse, query=DecisionsQuery, raises=(UnknownEventType,)),
)
async def decisions(request: Request) -> Response:
    """A page of decided payments of one event type in full, newest first: what a training or an analysis reads."""
    asked = query(request, DecisionsQuery)
    lists, records = history_wiring.transaction_list(), history_wiring.records()
    return json_response(decisions_response(lists, records, asked))


@router.get("/transactions/{transaction_id:segment}", dependencies=[SCORE], **documented(ReviewedTransaction))
async def transaction(request: Request, transaction_id: TransactionIdPath) -> Response:
    """One transaction with its decision, all predictions about it, its labels, and how far its review is."""
    stored = history_wiring.records().find(transaction_id)
    predictions, _ = history_wiring.records().predictions(transaction_id, SHOWN_PREDICTIONS, None)
    labels = label_wiring.labels().history(transaction_id)
    policy = policy_wiring.policies().of(owners(stored.transaction)).current().policy
    review = review_object(review_wiring.reviews().find(transaction_id), datetime.now(UTC), policy.decided_within)
    shown = transaction_response(stored, predictions, labels)
    if stored.decision is not None and stored.decision.rules:
        texts = _texts(stored, stored.decision, mask=not has_scope(request, "admin"))
        shown["first_decision"] = with_texts(shown["first_decision"], texts)
    return json_response({**shown, "review": review})


def _texts(stored: StoredRecord, decision: Decision, *, mask: bool) -> dict[str, str]:
    """What its rules say, by the version that decided; nothing where that is not there any more."""
    policy = policy_wiring.policies().of(owners(stored.transaction)).version(decision.policy_version)
    if policy is None:
        return {}
    own, types = stored.transaction.own, event_type_wiring.event_types()
    event_type = types.version(own.event_type.name, own.event_type.version) if own else BUILT_IN
    rates = rate_wiring.rates().version(decision.rates_version) if decision.rates_version else None
    return rule_texts(stored, decision, policy, event_type, rates or NO_RATES, mask=mask)
