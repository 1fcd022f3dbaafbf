"""Transactions as the ingest service lists them: pages for old clients, and CSV."""

from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response

from fraudshield import http
from fraudshield.documentation import documented
from fraudshield.ingest_list import (
    ExportQuery,
    IngestListAnswer,
    IngestListQuery,
    ingest_list_answer,
    transactions_csv,
)
from fraudshield.wirings import analytics as analytics_wiring
from fraudshield.wirings import history as history_wiring

router = APIRouter(dependencies=[Depends(http.scope("analyst"))])


@router.get("/transactions", **documented(IngestListAnswer, query=IngestListQuery))
async def transactions(request: Request) -> Response:
    """A page of transactions, newest first."""
    asked = http.query(request, IngestListQuery)
    page = history_wiring.transaction_list().page(asked.as_list())
    return http.json_response(ingest_list_answer(page, asked, analytics_wiring.aggregates()))


@router.get("/export", **documented(str, query=ExportQuery, media_type="text/csv"))
async def export(request: Request) -> Response:
    """Transactions as CSV, newest first, up to 1,000 at once; the header `Link` (rel="next") leads to the next ones."""
    asked = http.query(request, ExportQuery)
    page = history_wiring.transaction_list().page(asked.as_list())
    headers = {"Content-Disposition": 'attachment; filename="transactions.csv"'}
    if page.next_cursor is not None:
        following = dict(request.query_params) | {"cursor": page.next_cursor}
        headers["Link"] = f'<export?{urlencode(following)}>; rel="next"'
    return Response(transactions_csv(page), headers=headers, media_type="text/csv; charset=utf-8")
