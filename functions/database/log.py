"""System logs, and how much the API is used and how long it takes; the monitoring service keeps both."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response

from fraudshield.api.openapi import documented
from fraudshield.api.request import query, scope
from fraudshield.api.response import json_response
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.monitoring import wiring as monitoring_wiring
from fraudshield.monitoring.log_list import LogsAnswer, LogsQuery, logs_answer, position, start
from fraudshield.monitoring.performance import PerformanceAnswer, PerformanceQuery, first_hour, performance_answer

router = APIRouter(dependencies=[Depends(scope("analyst"))])


@router.get("/logs", **documented(LogsAnswer, query=LogsQuery))
async def logs(request: Request) -> Response:
    """What functions logged from WARNING on, newest first. It follows by some seconds."""
    asked = query(request, LogsQuery)
    if asked.cursor is None:
        there = start(asked, datetime.now(UTC))
    else:
        there = position(dynamo_wiring.cursors().open(asked.asked, asked.cursor))
    entries, before = monitoring_wiring.logs().newest(asked, there)
    cursor = None if before is None else dynamo_wiring.cursors().seal(asked.asked, [before, there.since])
    return json_response(logs_answer(entries, asked.limit, cursor))


@router.get("/performance", **documented(PerformanceAnswer, query=PerformanceQuery))
async def performance(request: Request) -> Response:
    """Calls, errors and latencies of every route over the last hours. It follows by some seconds."""
    hours, now = query(request, PerformanceQuery).hours, datetime.now(UTC)
    counted = monitoring_wiring.api_usage().since(first_hour(now, hours), now)
    return json_response(performance_answer(counted, hours, now))
