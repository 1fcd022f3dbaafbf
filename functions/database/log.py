"""System logs, and how much the API is used and how long it takes; the monitoring service keeps both."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response

from fraudshield import http
from fraudshield.documentation import documented
from fraudshield.log_list import LogsAnswer, LogsQuery, logs_answer, position, start
from fraudshield.performance import PerformanceAnswer, PerformanceQuery, first_hour, performance_answer
from fraudshield.wirings import dynamo as dynamo_wiring
from fraudshield.wirings import monitoring as monitoring_wiring

router = APIRouter(dependencies=[Depends(http.scope("analyst"))])


@router.get("/logs", **documented(LogsAnswer, query=LogsQuery))
async def logs(request: Request) -> Response:
    """What functions logged from WARNING on, newest first. It follows by some seconds."""
    asked = http.query(request, LogsQuery)
    if asked.cursor is None:
        there = start(asked, datetime.now(UTC))
    else:
        there = position(dynamo_wiring.cursors().open(asked.asked, asked.cursor))
    entries, before = monitoring_wiring.logs().newest(asked, there)
    cursor = None if before is None else dynamo_wiring.cursors().seal(asked.asked, [before, there.since])
    return http.json_response(logs_answer(entries, asked.limit, cursor))


@router.get("/performance", **documented(PerformanceAnswer, query=PerformanceQuery))
async def performance(request: Request) -> Response:
    """Calls, errors and latencies of every route over the last hours. It follows by some seconds."""
    hours, now = http.query(request, PerformanceQuery).hours, datetime.now(UTC)
    counted = monitoring_wiring.api_usage().since(first_hour(now, hours), now)
    return http.json_response(performance_answer(counted, hours, now))
