"""Tests on history and drafts in shadow: what a version would have decided on payments, beside what was decided."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response

from fraudshield.api.openapi import documented
from fraudshield.api.path import BacktestIdPath, VersionPath
from fraudshield.api.request import author, json_body, query, scope
from fraudshield.api.response import created_response, json_response
from fraudshield.backtest import wiring as backtest_wiring
from fraudshield.backtest.request import BacktestSpan, read_backtest
from fraudshield.backtest.response import BacktestResponse, BacktestStarted, backtest_response, backtest_started
from fraudshield.backtest.shadow.response import ShadowResponse, shadow_response
from fraudshield.errors import TooManyAtOnce, UnknownEventType
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.policy.query import PolicyQuery
from fraudshield.result import Result

router = APIRouter()
ANALYST = Depends(scope("analyst"))


@router.post(
    "/versions/{version:segment}/backtests",
    dependencies=[ANALYST],
    **documented(
        BacktestStarted,
        BacktestSpan,
        query=PolicyQuery,
        status="202",
        raises=(TooManyAtOnce, UnknownEventType),
        headers=("Location",),
    ),
)
async def start_backtest(version: VersionPath, request: Request) -> Response:
    """Test a version on the stored decisions of a span; two tests run at once."""
    event_type = event_type_wiring.event_types().named(query(request, PolicyQuery).event_type)
    span, by = read_backtest(await json_body(request)), author(request)
    service = backtest_wiring.backtest_service(event_type.name)
    started = service.start(int(version), span, by, datetime.now(UTC))
    return created_response(backtest_started(started), f"../../backtests/{started.backtest_id}", Result.QUEUED)


@router.get(
    "/versions/{version:segment}/shadow",
    dependencies=[ANALYST],
    **documented(ShadowResponse, query=PolicyQuery, raises=(UnknownEventType,)),
)
async def shadow(version: VersionPath, request: Request) -> Response:
    """What a draft would have decided on the payments since it was made; the three newest are compared with each."""
    event_type = event_type_wiring.event_types().named(query(request, PolicyQuery).event_type)
    found = backtest_wiring.shadow_service(event_type).answer(int(version), datetime.now(UTC))
    return json_response(shadow_response(found))


@router.get("/backtests/{backtest_id:segment}", dependencies=[ANALYST], **documented(BacktestResponse))
async def backtest(backtest_id: BacktestIdPath) -> Response:
    """How far a test is, and once it has completed what it found."""
    return json_response(backtest_response(backtest_wiring.backtests().find(backtest_id)))
