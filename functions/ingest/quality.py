"""Ingest: the quality of the received data."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response

from fraudshield.api.openapi import documented
from fraudshield.api.request import query, scope
from fraudshield.api.response import json_response
from fraudshield.ingest import wiring as ingest_wiring
from fraudshield.ingest.quality import QualityQuery, QualityResponse, quality_response

router = APIRouter(dependencies=[Depends(scope("analyst"))])


@router.get("/quality", **documented(QualityResponse, query=QualityQuery))
async def quality(request: Request) -> Response:
    """What the last days brought: what was refused and why, what was odd, by source."""
    asked = query(request, QualityQuery)
    return json_response(quality_response(ingest_wiring.quality_ledger(), asked, datetime.now(UTC)))
