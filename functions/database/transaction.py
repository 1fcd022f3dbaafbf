"""Transactions: kept as they came, found by id, listed by time, account or expected loss."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response

from fraudshield import http
from fraudshield.documentation import documented
from fraudshield.store_call import StoreRequest, read_stored
from fraudshield.transaction_answer import StoreAnswer, TransactionAnswer, store_answer, transaction_answer
from fraudshield.transaction_query import TransactionsQuery
from fraudshield.transactions_answer import TransactionsAnswer, transactions_answer
from fraudshield.wirings import history as history_wiring
from fraudshield.wirings import label as label_wiring

router = APIRouter()

SHOWN_PREDICTIONS = 100
SCORE, ANALYST = Depends(http.scope("score")), Depends(http.scope("analyst"))


@router.post("/transactions", dependencies=[SCORE], **documented(StoreAnswer, StoreRequest))
async def store(request: Request) -> Response:
    """Keep a transaction without a decision; the first score of the same id and content fills that in."""
    sent = read_stored(await http.json_body(request))
    new = history_wiring.records().store(sent, datetime.now(UTC))
    return http.json_response(store_answer(sent.transaction_id, new))


@router.get("/transactions", dependencies=[ANALYST], **documented(TransactionsAnswer, query=TransactionsQuery))
async def transactions(request: Request) -> Response:
    """A page of transactions, newest first; or with `sort=expected_loss` of the review queue, dearest first."""
    asked = http.query(request, TransactionsQuery)
    page = history_wiring.transaction_list().page(asked)
    return http.json_response(transactions_answer(page, asked.limit, asked.offset))


@router.get("/transactions/{transaction_id:path}", dependencies=[SCORE], **documented(TransactionAnswer))
async def transaction(transaction_id: str) -> Response:
    """One transaction with its decision, all predictions about it and its labels."""
    stored = history_wiring.records().find(transaction_id)
    predictions, _ = history_wiring.records().predictions(transaction_id, SHOWN_PREDICTIONS, None)
    labels = label_wiring.labels().history(transaction_id)
    return http.json_response(transaction_answer(stored, predictions, labels))
