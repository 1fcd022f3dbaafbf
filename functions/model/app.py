"""Model: scores transactions before the money moves, says why, and keeps the policy that decides."""

import time
from datetime import UTC, datetime

from fastapi import Depends, Request, Response

from fraudshield.api.app import add_health, create_app
from fraudshield.api.entry import lambda_entry
from fraudshield.api.health import health
from fraudshield.api.openapi import documented
from fraudshield.api.request import SCOPES, author, json_body, query, request_id_of, scope
from fraudshield.api.response import json_response
from fraudshield.api.settings import RequestSettings
from fraudshield.dependency import Needs
from fraudshield.errors import FilesUnavailable, InvalidInput, NotFound, PolicyConflict, UnknownEventType
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.event_type.payment import NAME
from fraudshield.ingest import wiring as ingest_wiring
from fraudshield.policy import wiring as policy_wiring
from fraudshield.policy.flagged_share import FlagsTooMuch
from fraudshield.policy.owner import PAYMENT, owners, owners_of_type
from fraudshield.policy.policy import PolicyChange, read_policy_change
from fraudshield.policy.query import PolicyQuery
from fraudshield.policy.response import PolicyResponse, policy_response
from fraudshield.predictor.port import Predictor
from fraudshield.predictor.response import ModelInfo, model_info
from fraudshield.scoring import wiring as scoring_wiring
from fraudshield.scoring.explain import ExplainRequest, ExplainResponse, explain_response, read_explain_request
from fraudshield.scoring.replay import (
    NotReplayable,
    ReplayRequest,
    ReplayResponse,
    read_replay_request,
    replay_response,
)
from fraudshield.scoring.replays import ReplaysRequest, ReplaysResponse, read_replays_request, replays_response
from fraudshield.scoring.request import ScoreRequest, read_score_request, refusals
from fraudshield.scoring.response import ScoreResponse, score_response, score_result
from fraudshield.scoring.scoring import Scorer, explanation
from fraudshield.scoring.telemetry import observe
from fraudshield.settings import settings
from fraudshield.transaction import wiring as transaction_wiring
from fraudshield.value_list import wiring as list_wiring

SCORE, ANALYST, ADMIN = (Depends(scope(name)) for name in SCOPES)

app = create_app("model", "Scores transactions, explains the decisions, keeps the policy that decides.")
app.state.scorer = scoring_wiring.scorer


@app.post(
    "/score",
    dependencies=[SCORE],
    **documented(ScoreResponse, ScoreRequest, ("409", "422"), raises=(InvalidInput, UnknownEventType)),
)
async def score(request: Request) -> Response:
    """Score 1 to 1,000 transactions. Safe to repeat: the first decision of a transaction_id stands."""
    arrived = time.monotonic()
    command = read_score_request(
        await json_body(request), settings(RequestSettings).max_batch_size, event_type_wiring.event_types()
    )
    scorer: Scorer = app.state.scorer()
    ledger = ingest_wiring.quality_ledger()
    results = command.results(scorer, arrived)
    observe(results, (time.monotonic() - arrived) * 1000)
    now, request_id, version = datetime.now(UTC), request_id_of(request), command.model_version(scorer)
    ledger.note(refusals(command.refused(results), "api", now, request_id))
    response = score_response(command.items, results, version, now, request_id)
    return json_response(response, score_result(response))


@app.post(
    "/explain", dependencies=[SCORE], **documented(ExplainResponse, ExplainRequest, raises=(NotFound, UnknownEventType))
)
async def explain(request: Request) -> Response:
    """Why a transaction gets, or got, its decision: every feature's exact share. Stores nothing."""
    scorer: Scorer = app.state.scorer()
    scored = read_explain_request(await json_body(request), event_type_wiring.event_types()).find(scorer)
    predictor = scorer.predictors.of(owners(scored.transaction))
    why, version = explanation(predictor, scored), predictor.facts.model_version
    return json_response(explain_response(scored, why, version, request_id_of(request)))


@app.post(
    "/replay",
    dependencies=[ANALYST],
    **documented(ReplayResponse, ReplayRequest, raises=(NotFound, NotReplayable, FilesUnavailable)),
)
async def replay(request: Request) -> Response:
    """Whether a stored decision comes out the same, byte for byte, when it is computed again. Stores nothing."""
    wanted = read_replay_request(await json_body(request)).transaction_id
    return json_response(replay_response(scoring_wiring.replayer().replay(wanted), request_id_of(request)))


@app.post("/replays", dependencies=[ANALYST], **documented(ReplaysResponse, ReplaysRequest, raises=(FilesUnavailable,)))
async def replays(request: Request) -> Response:
    """Whether each of up to 100 stored decisions comes out the same, and else what of it differs. Stores nothing."""
    wanted = read_replays_request(await json_body(request)).transaction_ids
    return json_response(replays_response(scoring_wiring.replayer(), wanted, request_id_of(request)))


@app.get("/model/info", dependencies=[SCORE], **documented(ModelInfo))
async def info() -> Response:
    """The model that predicts: its version, features and measures."""
    return json_response(model_info(_connected().facts))


def _needs() -> Needs:
    """A decision is stored or parked: it takes one of the two."""
    return Needs(
        vital=[(transaction_wiring.transactions_needed(), scoring_wiring.parking_needed())],
        besides=[event_type_wiring.documents_needed()],
    )


add_health(
    app, "model", lambda name, now: health(name, _needs, now, _connected()), "Healthy, degraded and why, or 503."
)


@app.get("/policy", dependencies=[ANALYST], **documented(PolicyResponse, query=PolicyQuery, raises=(UnknownEventType,)))
async def policy(request: Request) -> Response:
    """The newest policy of an event type, read now; of one that extends `payment` payment's until it has its own."""
    event_type = event_type_wiring.event_types().newest(query(request, PolicyQuery).event_type)
    return json_response(policy_response(policy_wiring.policies().of(owners_of_type(event_type)).newest()))


@app.put(
    "/policy",
    dependencies=[ADMIN],
    **documented(
        PolicyResponse, PolicyChange, query=PolicyQuery, raises=(PolicyConflict, FlagsTooMuch, UnknownEventType)
    ),
)
async def put_policy(request: Request) -> Response:
    """Store the next version, based on the one that was read; one that would flag far too much only with `force`.

    Each event type has its own policy; one that extends `payment` goes by payment's until it has its own.
    """
    from fraudshield.analytics import wiring as analytics_wiring  # noqa: PLC0415 a cold start would pay for it

    change = read_policy_change(await json_body(request))
    event_type = event_type_wiring.event_types().newest(query(request, PolicyQuery).event_type)
    active = policy_wiring.policies().of(owners_of_type(event_type))
    recent = analytics_wiring.recent_risks() if event_type.name == NAME else None
    amended = active.amend(change, author(request), datetime.now(UTC), recent, event_type, list_wiring.list_names())
    return json_response(policy_response(amended))


def _connected() -> Predictor:
    """The predictor, once all else that this function needs is wired too. Raises ConfigurationError."""
    ingest_wiring.quality_ledger()
    return scoring_wiring.scorer().predictors.of(PAYMENT)


lambda_handler = lambda_entry(app, "/api/v1/model", "/api/v1")
