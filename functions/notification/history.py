"""Mails: what became of each, and how many there were."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response

from fraudshield.api.openapi import documented
from fraudshield.api.request import query, scope
from fraudshield.api.response import json_response
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.notification import wiring as notification_wiring
from fraudshield.notification.response import (
    HistoryQuery,
    HistoryResponse,
    MailStatsResponse,
    StatsQuery,
    ThresholdsHistoryResponse,
    history_response,
    stats_response,
    thresholds_history,
)

router = APIRouter(dependencies=[Depends(scope("analyst"))])

LIST = {"list": "mails"}
SHOWN_VERSIONS = 100


@router.get("/history", **documented(HistoryResponse, query=HistoryQuery))
async def history(request: Request) -> Response:
    """A page of mails, newest first, each with its status, retries and reason."""
    asked = query(request, HistoryQuery)
    before = None if asked.cursor is None else str(dynamo_wiring.cursors().open(LIST, asked.cursor))
    mails, more = notification_wiring.mails().page(asked.limit, before)
    return json_response(history_response(mails, more and dynamo_wiring.cursors().seal(LIST, more)))


@router.get("/stats", **documented(MailStatsResponse, query=StatsQuery))
async def stats(request: Request) -> Response:
    """How many mails came to each status in the last days, and how many subscribers have each status."""
    days, now = query(request, StatsQuery).days, datetime.now(UTC)
    return json_response(
        stats_response(notification_wiring.mails().counts(now, days), notification_wiring.subscribers().all(), days)
    )


@router.get("/thresholds/history", **documented(ThresholdsHistoryResponse))
async def versions() -> Response:
    """Who changed the thresholds, when and to what: the last hundred versions, newest first."""
    known = notification_wiring.alert_thresholds().versions(SHOWN_VERSIONS)
    return json_response(thresholds_history(known))
