"""Models: which are published, which one scores an event type, how another is put in force, and how that is taken back.

They are here and not with scoring, which is to start with as little as it can.
"""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response

from fraudshield.api.openapi import documented
from fraudshield.api.path import ModelVersionPath
from fraudshield.api.request import SCOPES, author, json_body, query, scope
from fraudshield.api.response import json_response, page_response
from fraudshield.backtest import wiring as backtest_wiring
from fraudshield.backtest.challenger.gate import NotCompared, NotGoodEnough, StaleComparison
from fraudshield.backtest.proposal.request import ProposalRequest, read_proposal
from fraudshield.backtest.proposal.response import ProposalResponse, proposal_response
from fraudshield.backtest.proposal.service import ProposalService
from fraudshield.errors import FilesUnavailable, InvalidInput, NotFound, PolicyConflict, UnknownEventType
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.policy import wiring as policy_wiring
from fraudshield.policy.port import Beside
from fraudshield.policy.query import PolicyQuery
from fraudshield.policy.versioning.draft import RollbackRequest, read_rollback
from fraudshield.policy.versioning.gate import NotTested, StaleTest, StaleVersion
from fraudshield.policy.versioning.version import NothingBefore, VersionService
from fraudshield.predictor import wiring as predictor_wiring
from fraudshield.predictor.published import AmbiguousVersion
from fraudshield.predictor.registry import ModelConflict, ModelRegistry, UnfitModel
from fraudshield.predictor.registry_request import ModelActivation, read_model_activation
from fraudshield.predictor.registry_response import (
    ChampionResponse,
    ModelVersionsResponse,
    champion_response,
    model_versions_response,
)
from fraudshield.result import Result
from fraudshield.value_list import wiring as list_wiring

router = APIRouter()
_, ANALYST, ADMIN = (Depends(scope(name)) for name in SCOPES)


@router.get(
    "/model/versions",
    dependencies=[ANALYST],
    **documented(ModelVersionsResponse, query=PolicyQuery, raises=(UnknownEventType, FilesUnavailable)),
)
async def models(request: Request) -> Response:
    """The published models of an event type, last version first, and the one in force."""
    registry = registry_of(_type(request))
    found = registry.entries(), registry.champion(), registry.challengers()
    return json_response(model_versions_response(registry.event_type.name, *found))


@router.get(
    "/model/versions/{model_version:segment}/report",
    dependencies=[ANALYST],
    **documented(str, query=PolicyQuery, media_type="text/html", raises=(NotFound, AmbiguousVersion, FilesUnavailable)),
)
async def report(model_version: ModelVersionPath, request: Request) -> Response:
    """The report of a model's training, as a page."""
    return page_response(registry_of(_type(request)).report(model_version))


@router.post(
    "/model/versions/{model_version:segment}/activate",
    dependencies=[ADMIN],
    **documented(
        ChampionResponse,
        ModelActivation,
        query=PolicyQuery,
        raises=(
            *(NotFound, InvalidInput, UnfitModel, AmbiguousVersion, ModelConflict),
            *(NotTested, StaleTest, StaleVersion, PolicyConflict, FilesUnavailable),
            *(NotCompared, StaleComparison, NotGoodEnough),
        ),
    ),
)
async def activate(model_version: ModelVersionPath, request: Request) -> Response:
    """Put a published model in force, and the version of the policy that goes with it, in one write.

    It has to have been compared lately with the one in force and not be worse, or `force` says that it counts as it is.
    """
    asked, registry = read_model_activation(await json_body(request)), registry_of(_type(request))
    found = registry.activate(model_version, asked, author(request), datetime.now(UTC))
    return json_response(champion_response(registry.event_type.name, found))


@router.post(
    "/model/thresholds/propose",
    dependencies=[ADMIN],
    **documented(
        ProposalResponse,
        ProposalRequest,
        query=PolicyQuery,
        status="201",
        raises=(InvalidInput, PolicyConflict, UnknownEventType),
    ),
)
async def propose(request: Request) -> Response:
    """Thresholds by the risks of late, as a draft: nothing is decided by it until it is put in force."""
    asked, now = read_proposal(await json_body(request)), datetime.now(UTC)
    event_type = event_type_wiring.event_types().newest(_type(request))
    versions = policy_wiring.versions(event_type, backtest_wiring.version_tests(), list_wiring.list_names)
    service = ProposalService(backtest_wiring.stored_risks(event_type), versions)
    return json_response(proposal_response(service.propose(asked, author(request), now), now), Result.CREATED)


@router.post(
    "/model/rollback",
    dependencies=[ADMIN],
    **documented(
        ChampionResponse,
        RollbackRequest,
        query=PolicyQuery,
        raises=(NothingBefore, ModelConflict, PolicyConflict, UnknownEventType),
    ),
)
async def roll_back(request: Request) -> Response:
    """Put the model in force again that was before this one, with the version of the policy that it replaced."""
    read_rollback(await json_body(request))
    registry = registry_of(_type(request))
    found = registry.roll_back(author(request), datetime.now(UTC))
    return json_response(champion_response(registry.event_type.name, found))


def _type(request: Request) -> str:
    return query(request, PolicyQuery).event_type


def registry_of(event_type: str) -> ModelRegistry:
    """The models of an event type. Raises UnknownEventType, StoreUnavailable."""
    types = event_type_wiring.event_types()
    found = types.newest(event_type)

    def versions(beside: Beside | None) -> VersionService:
        return policy_wiring.versions(found, backtest_wiring.version_tests(), list_wiring.list_names, beside)

    return ModelRegistry(
        found,
        types,
        predictor_wiring.model_store(),
        predictor_wiring.pointers(),
        versions,
        backtest_wiring.model_gate(),
    )
