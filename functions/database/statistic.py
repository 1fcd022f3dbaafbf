"""Statistics: what has been stored, in numbers, for the same few reads however much there is."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Response

from fraudshield.analytics import wiring as analytics_wiring
from fraudshield.analytics.statistics import StatisticsAnswer, statistics_answer
from fraudshield.api.openapi import documented
from fraudshield.api.request import scope
from fraudshield.api.response import json_response

router = APIRouter(dependencies=[Depends(scope("analyst"))])


@router.get("/statistics", **documented(StatisticsAnswer))
async def statistics() -> Response:
    """Transactions, first decisions, labels and types; they follow the writes by a moment."""
    return json_response(statistics_answer(analytics_wiring.aggregates(), datetime.now(UTC)))
