"""Ingest: how good the data is that came in."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response

from fraudshield import http
from fraudshield.documentation import documented
from fraudshield.quality_answer import QualityAnswer, QualityQuery, quality_answer
from fraudshield.wirings import ingest as ingest_wiring

router = APIRouter(dependencies=[Depends(http.scope("analyst"))])


@router.get("/quality", **documented(QualityAnswer, query=QualityQuery))
async def quality(request: Request) -> Response:
    """What the last days brought: what was refused and why, what was odd, by source."""
    asked = http.query(request, QualityQuery)
    return http.json_response(quality_answer(ingest_wiring.quality_ledger(), asked, datetime.now(UTC)))
