"""Statistics of the ingest service: counts, dates and amounts, the median among them."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Response

from fraudshield.analytics import wiring as analytics_wiring
from fraudshield.analytics.statistics import StatsResponse, stats_response
from fraudshield.api.openapi import documented
from fraudshield.api.request import scope
from fraudshield.api.response import json_response

router = APIRouter(dependencies=[Depends(scope("analyst"))])


@router.get("/stats", **documented(StatsResponse))
async def stats() -> Response:
    """What was taken in; the median is within 1 %."""
    return json_response(stats_response(analytics_wiring.aggregates(), datetime.now(UTC)))
