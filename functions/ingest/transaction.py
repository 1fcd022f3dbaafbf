"""The lists of the ingest service: pages for old clients, and CSV."""

from fastapi import APIRouter, Depends, Request, Response

from fraudshield.analytics import wiring as analytics_wiring
from fraudshield.api.openapi import documented
from fraudshield.api.request import query, scope
from fraudshield.api.response import csv_response, json_response
from fraudshield.errors import UnknownEventType
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.history import wiring as history_wiring
from fraudshield.history.export import (
    ExportQuery,
    IngestListQuery,
    IngestListResponse,
    export,
    ingest_list_response,
)

router = APIRouter(dependencies=[Depends(scope("analyst"))])


@router.get("/transactions", **documented(IngestListResponse, query=IngestListQuery))
async def transactions(request: Request) -> Response:
    """A page of transactions, newest first."""
    asked = query(request, IngestListQuery)
    page = history_wiring.transaction_list().page(asked.as_list())
    return json_response(ingest_list_response(page, asked, analytics_wiring.aggregates()))


@router.get(
    "/export",
    **documented(str, query=ExportQuery, media_type="text/csv", headers=("Link",), raises=(UnknownEventType,)),
)
async def exported(request: Request) -> Response:
    """Transactions as CSV, newest first, up to 1,000 at once; the header `Link` (rel="next") leads to the next ones."""
    asked = query(request, ExportQuery)
    rows = export(history_wiring.transaction_list(), asked, event_type_wiring.event_types())
    return csv_response(request, rows.text, "transactions.csv", rows.next_cursor)
