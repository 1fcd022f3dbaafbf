"""Mails: what became of each, and how many there were."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from fastapi import APIRouter, Depends, Request, Response

from fraudshield.api.openapi import documented
from fraudshield.api.request import query, scope
from fraudshield.api.response import json_response
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.notification import mail_wiring as notification_mail_wiring
from fraudshield.notification import wiring as notification_wiring
from fraudshield.notification.mail_response import HistoryResponse, history_response
from fraudshield.notification.response import (
    HistoryQuery,
    MailStatsResponse,
    StatsQuery,
    ThresholdsHistoryResponse,
    stats_response,
    thresholds_history,
)
from fraudshield.notification.threshold import current
from fraudshield.notification.waiting_mail import WaitingMail, waiting_mails

router = APIRouter(dependencies=[Depends(scope("analyst"))])

LIST = {"list": "mails"}
AFTER_ALL = "~"  # sorts after every mail's id
SHOWN_VERSIONS = 100


@router.get("/history", **documented(HistoryResponse, query=HistoryQuery))
async def history(request: Request) -> Response:
    """A page of mails, newest first, each with its status, retries and reason; first of all what waits for one."""
    asked, now = query(request, HistoryQuery), datetime.now(UTC)
    before = None if asked.cursor is None else str(dynamo_wiring.cursors().open(LIST, asked.cursor))
    waiting = list(islice(_waiting(now), asked.limit)) if before is None else []
    room = asked.limit - len(waiting)
    mails, more = notification_wiring.mails().page(room, before) if room else ([], AFTER_ALL)
    return json_response(history_response(waiting, mails, more and dynamo_wiring.cursors().seal(LIST, more)))


def _waiting(now: datetime) -> Iterator[WaitingMail]:
    mails_per_hour = current(notification_wiring.alert_thresholds()).mails_per_hour
    return waiting_mails(notification_mail_wiring.outboxes(), mails_per_hour, now)


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
