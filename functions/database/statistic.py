"""Statistics: what has been stored, in numbers, for the same few reads however much there is."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Response

from fraudshield import http
from fraudshield.documentation import documented
from fraudshield.statistics import StatisticsAnswer, statistics_answer
from fraudshield.wirings import analytics as analytics_wiring

router = APIRouter(dependencies=[Depends(http.scope("analyst"))])


@router.get("/statistics", **documented(StatisticsAnswer))
async def statistics() -> Response:
    """Transactions, first decisions, labels and types; they follow the writes by a moment."""
    return http.json_response(statistics_answer(analytics_wiring.aggregates(), datetime.now(UTC)))
