"""Ingest: takes transactions in, says how good they are, and queues them to be scored."""

import time
from datetime import UTC, datetime

from fastapi import Depends, Request, Response

from fraudshield import health as state
from fraudshield import http
from fraudshield.answer import ScoreAnswer, score_answer, score_result
from fraudshield.api_settings import CallSettings
from fraudshield.call_refusal import refusals, rejected
from fraudshield.documentation import documented
from fraudshield.ingest_answer import IngestAnswer, ingest_answer, ingest_result
from fraudshield.ingest_call import IngestRequest, ingest_call
from fraudshield.observability import observe
from fraudshield.ports import Predictor
from fraudshield.score_call import ScoreRequest, score_call
from fraudshield.settings import settings
from fraudshield.wirings import ingest as ingest_wiring
from fraudshield.wirings import scoring as scoring_wiring
from functions.ingest import quality, stat, transaction

SCORE = Depends(http.scope("score"))

app = http.create_app("ingest", "Takes transactions in, checks their quality and queues them.")


@app.post("/ingest", dependencies=[SCORE], **documented(IngestAnswer, IngestRequest, ("422",), status="202"))
async def ingest(request: Request) -> Response:
    """Queue one transaction or up to 1,000, to be scored soon. Safe to repeat under the same transaction_id."""
    arrived, received_at, request_id = time.monotonic(), datetime.now(UTC), http.request_id(request)
    queue, ledger = ingest_wiring.ingest_queue(), ingest_wiring.quality_ledger()
    call = ingest_call(await http.json_body(request), settings(CallSettings).max_batch_size)
    ingested = call.put(queue, received_at, request_id, arrived + call.queue_s)
    ledger.note(refusals(ingested.refused, "queue", received_at, request_id))
    answered = ingest_answer(ingested, call.single, received_at, request_id)
    return http.json_response(answered, ingest_result(answered))


@app.post("/score", dependencies=[SCORE], **documented(ScoreAnswer, ScoreRequest, ("409", "422")))
async def score(request: Request) -> Response:
    """Score 1 to 1,000 transactions at once, as the model service does."""
    arrived, scorer, ledger = time.monotonic(), scoring_wiring.scorer(), ingest_wiring.quality_ledger()
    call = score_call(await http.json_body(request), settings(CallSettings).max_batch_size)
    answers = call.answers(scorer, arrived)
    observe(answers, (time.monotonic() - arrived) * 1000)
    now, request_id, version = datetime.now(UTC), http.request_id(request), scorer.predictor.facts.model_version
    ledger.note(refusals(rejected(call.items, answers), "api", now, request_id))
    answered = score_answer(call.items, answers, version, now, request_id)
    return http.json_response(answered, score_result(answered))


def _connected() -> Predictor:
    """The predictor, beside all else that this function needs. Raises ConfigurationError."""
    ingest_wiring.ingest_queue(), ingest_wiring.quality_ledger()
    return scoring_wiring.scorer().predictor


http.add_health(
    app, "ingest", lambda name, now: state.health(name, _connected(), now), "Healthy, degraded and why, or 503."
)


app.include_router(quality.router)
app.include_router(stat.router)
app.include_router(transaction.router)
lambda_handler = http.lambda_entry(app, "/api/v1/ingest")
