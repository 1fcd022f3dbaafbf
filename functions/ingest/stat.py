"""Statistics as the ingest service tells them: counts, dates and amounts, the median among them."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Response

from fraudshield import http
from fraudshield.documentation import documented
from fraudshield.statistics import StatsAnswer, stats_answer
from fraudshield.wirings import analytics as analytics_wiring

router = APIRouter(dependencies=[Depends(http.scope("analyst"))])


@router.get("/stats", **documented(StatsAnswer))
async def stats() -> Response:
    """What was taken in; the median is within 1 %."""
    return http.json_response(stats_answer(analytics_wiring.aggregates(), datetime.now(UTC)))
