"""Ingest: takes transactions in, says how good they are, and queues them to be scored."""

import time
from datetime import UTC, datetime

from fastapi import Depends, Request, Response

from fraudshield import health as state
from fraudshield import http
from fraudshield.answer import ScoreAnswer, score_answer, score_result
from fraudshield.aws import wiring
from fraudshield.call_refusal import refusals, rejected
from fraudshield.documentation import documented
from fraudshield.ingest_answer import IngestAnswer, ingest_answer, ingest_result
from fraudshield.ingest_call import IngestRequest, ingest_call
from fraudshield.observability import observe
from fraudshield.score_call import ScoreRequest, score_call
from fraudshield.settings import settings
from functions.ingest import quality, stat, transaction

SCORE = Depends(http.scope("score"))

app = http.create_app("ingest", "Takes transactions in, checks their quality and queues them.")


@app.post("/ingest", dependencies=[SCORE], **documented(IngestAnswer, IngestRequest, ("422",), status="202"))
async def ingest(request: Request) -> Response:
    """Queue one transaction or up to 1,000, to be scored soon. Safe to repeat under the same transaction_id."""
    arrived, received_at, request_id = time.monotonic(), datetime.now(UTC), http.request_id(request)
    call = ingest_call(await http.json_body(request), settings().max_batch_size)
    ingested = call.put(wiring.ingest_queue(), received_at, request_id, arrived + call.queue_s)
    wiring.quality_ledger().note(refusals(ingested.refused, "queue", received_at, request_id))
    answered = ingest_answer(ingested, call.single, received_at, request_id)
    return http.json_response(answered, ingest_result(answered))


@app.post("/score", dependencies=[SCORE], **documented(ScoreAnswer, ScoreRequest, ("409", "422")))
async def score(request: Request) -> Response:
    """Score 1 to 1,000 transactions at once, as the model service does."""
    arrived, scorer = time.monotonic(), wiring.scorer()
    call = score_call(await http.json_body(request), settings().max_batch_size)
    answers = call.answers(scorer, arrived)
    observe(answers, (time.monotonic() - arrived) * 1000)
    now, request_id, version = datetime.now(UTC), http.request_id(request), scorer.predictor.facts.model_version
    wiring.quality_ledger().note(refusals(rejected(call.items, answers), "api", now, request_id))
    answered = score_answer(call.items, answers, version, now, request_id)
    return http.json_response(answered, score_result(answered))


http.add_health(
    app, "ingest", lambda name, now: state.health(name, wiring.predictor(), now), "Healthy, degraded and why, or 503."
)


app.include_router(quality.router)
app.include_router(stat.router)
app.include_router(transaction.router)
lambda_handler = http.lambda_entry(app, "/api/v1/ingest")
