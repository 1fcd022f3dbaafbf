"""Models against each other: challengers that are judged beside the model in force, and comparisons on history."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response

from fraudshield.api.openapi import documented
from fraudshield.api.path import ComparisonIdPath, ModelVersionPath
from fraudshield.api.request import SCOPES, author, json_body, query, scope
from fraudshield.api.response import created_response, json_response
from fraudshield.backtest import wiring as backtest_wiring
from fraudshield.backtest.challenger.request import ComparisonRequest, read_comparison
from fraudshield.backtest.challenger.response import (
    ComparisonResponse,
    ComparisonStarted,
    comparison_response,
    comparison_started,
)
from fraudshield.backtest.challenger.shadow import (
    ChallengerShadowResponse,
    challenger_shadow_response,
    series_of,
)
from fraudshield.errors import FilesUnavailable, InvalidInput, NotFound, TooManyAtOnce, UnknownEventType
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.policy.query import PolicyQuery
from fraudshield.predictor.published import AmbiguousVersion
from fraudshield.predictor.registry import IsChampion, ModelConflict, UnfitModel
from fraudshield.predictor.registry_response import ChallengersResponse, challengers_response
from fraudshield.result import Result
from functions.policy.model import registry_of

router = APIRouter()
_, ANALYST, ADMIN = (Depends(scope(name)) for name in SCOPES)


@router.post(
    "/model/versions/{model_version:segment}/challenge",
    dependencies=[ADMIN],
    **documented(
        ChallengersResponse,
        query=PolicyQuery,
        raises=(NotFound, UnfitModel, AmbiguousVersion, IsChampion, ModelConflict, FilesUnavailable),
    ),
)
async def challenge(model_version: ModelVersionPath, request: Request) -> Response:
    """Have a published model judged beside the one in force; the three newest challengers are."""
    registry = registry_of(query(request, PolicyQuery).event_type)
    found = registry.challenge(model_version, author(request), datetime.now(UTC))
    return json_response(challengers_response(registry.event_type.name, found))


@router.get(
    "/model/versions/{model_version:segment}/shadow",
    dependencies=[ANALYST],
    **documented(ChallengerShadowResponse, query=PolicyQuery, raises=(NotFound, UnknownEventType)),
)
async def shadow(model_version: ModelVersionPath, request: Request) -> Response:
    """What a challenger would have decided on the payments since it was named, by the policy in force."""
    registry, now = registry_of(query(request, PolicyQuery).event_type), datetime.now(UTC)
    challengers = registry.challengers()
    named = next((one for one in challengers if one.version == model_version), None)
    if named is None:
        raise NotFound(f"{model_version} is no challenger of {registry.event_type.name}")
    reader, since = backtest_wiring.challenger_reader(registry.event_type), datetime.fromisoformat(named.since)
    found, failed = reader.read(series_of(named.sha256), since, (), len(challengers), now)
    return json_response(challenger_shadow_response(named, found, failed, now))


@router.post(
    "/model/comparisons",
    dependencies=[ANALYST],
    **documented(
        ComparisonStarted,
        ComparisonRequest,
        query=PolicyQuery,
        status="202",
        raises=(NotFound, InvalidInput, UnfitModel, AmbiguousVersion, TooManyAtOnce, UnknownEventType),
        headers=("Location",),
    ),
)
async def compare(request: Request) -> Response:
    """Compare a model with the one in force on the stored payments of a span, at the same share of reviews.

    Payments that the challenger was trained on are left out. Two tests on history run at once.
    """
    event_type = event_type_wiring.event_types().named(query(request, PolicyQuery).event_type)
    asked, by = read_comparison(await json_body(request)), author(request)
    started = backtest_wiring.comparison_service(event_type.name).start(asked, by, datetime.now(UTC))
    return created_response(comparison_started(started), f"comparisons/{started.backtest_id}", Result.QUEUED)


@router.get("/model/comparisons/{comparison_id:segment}", dependencies=[ANALYST], **documented(ComparisonResponse))
async def comparison(comparison_id: ComparisonIdPath) -> Response:
    """How far a comparison is, and once it has completed what it found and whether the challenger passes the gate."""
    return json_response(comparison_response(backtest_wiring.backtests().find(comparison_id)))
