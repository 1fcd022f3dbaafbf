"""Model: scores transactions before the money moves, says why, and keeps the policy that decides."""

import time
from datetime import UTC, datetime

from fastapi import Depends, Request, Response

from fraudshield import health as state
from fraudshield import http
from fraudshield.answer import ScoreAnswer, score_answer, score_result
from fraudshield.api_settings import CallSettings
from fraudshield.call_refusal import refusals, rejected
from fraudshield.documentation import documented
from fraudshield.explain_answer import ExplainAnswer, explained
from fraudshield.explain_call import ExplainRequest, explain_call
from fraudshield.model_info import ModelInfo, model_info
from fraudshield.observability import observe
from fraudshield.policy import Policy, PolicyChange, policy_change
from fraudshield.ports import Predictor
from fraudshield.score_call import ScoreRequest, score_call
from fraudshield.scoring import Scorer
from fraudshield.settings import settings
from fraudshield.wirings import ingest as ingest_wiring
from fraudshield.wirings import predictor as predictor_wiring
from fraudshield.wirings import scoring as scoring_wiring

SCORE, ANALYST, ADMIN = (Depends(http.scope(name)) for name in http.SCOPES)

app = http.create_app("model", "Scores transactions, explains the answers, keeps the policy that decides.")
app.state.scorer = scoring_wiring.scorer


@app.post("/score", dependencies=[SCORE], **documented(ScoreAnswer, ScoreRequest, ("409", "422")))
async def score(request: Request) -> Response:
    """Score 1 to 1,000 transactions. Safe to repeat: the first decision of a transaction_id stands."""
    arrived = time.monotonic()
    call = score_call(await http.json_body(request), settings(CallSettings).max_batch_size)
    scorer: Scorer = app.state.scorer()
    ledger = ingest_wiring.quality_ledger()
    answers = call.answers(scorer, arrived)
    observe(answers, (time.monotonic() - arrived) * 1000)
    now, request_id, version = datetime.now(UTC), http.request_id(request), scorer.predictor.facts.model_version
    ledger.note(refusals(rejected(call.items, answers), "api", now, request_id))
    answered = score_answer(call.items, answers, version, now, request_id)
    return http.json_response(answered, score_result(answered))


@app.post("/explain", dependencies=[SCORE], **documented(ExplainAnswer, ExplainRequest))
async def explain(request: Request) -> Response:
    """Why a transaction gets, or got, its decision: every feature's exact share. Stores nothing."""
    scorer: Scorer = app.state.scorer()
    scored = explain_call(await http.json_body(request)).find(scorer)
    why = scorer.predictor.explain(scored.transaction, scored.features)
    version = scorer.predictor.facts.model_version
    return http.json_response(explained(scored, why, version, http.request_id(request)))


@app.get("/model/info", dependencies=[SCORE], **documented(ModelInfo))
async def info() -> Response:
    """What stands behind the predictions."""
    return http.json_response(model_info(_connected().facts))


http.add_health(
    app, "model", lambda name, now: state.health(name, _connected(), now), "Healthy, degraded and why, or 503."
)


@app.get("/policy", dependencies=[ANALYST], **documented(Policy))
async def policy() -> Response:
    """The newest policy, read now."""
    return http.json_response(predictor_wiring.active_policy().newest().model_dump(mode="json"))


@app.put("/policy", dependencies=[ADMIN], **documented(Policy, PolicyChange))
async def put_policy(request: Request) -> Response:
    """Store the next version, based on the one that was read."""
    change = policy_change(await http.json_body(request))
    amended = predictor_wiring.active_policy().amend(change, by=http.caller(request), at=datetime.now(UTC))
    return http.json_response(amended.model_dump(mode="json"))


def _connected() -> Predictor:
    """The predictor, beside all else that this function needs. Raises ConfigurationError."""
    ingest_wiring.quality_ledger()
    return scoring_wiring.scorer().predictor


lambda_handler = http.lambda_entry(app, "/api/v1/model", "/api/v1")
