"""Ingest: accepts transactions, checks their quality, and queues them to be scored."""

import time
from datetime import UTC, datetime

from fastapi import Depends, Request, Response

from fraudshield.api.app import add_health, create_app
from fraudshield.api.entry import lambda_entry
from fraudshield.api.health import health
from fraudshield.api.openapi import documented
from fraudshield.api.request import json_body, request_id_of, scope
from fraudshield.api.response import json_response
from fraudshield.api.settings import RequestSettings
from fraudshield.dependency import Needs
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.errors import InvalidInput, UnknownEventType
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.ingest import wiring as ingest_wiring
from fraudshield.ingest.request import IngestRequest, read_ingest_request
from fraudshield.ingest.response import IngestResponse, ingest_response, ingest_result
from fraudshield.policy.owner import PAYMENT
from fraudshield.predictor.port import Predictor
from fraudshield.rate import wiring as rate_wiring
from fraudshield.scoring import wiring as scoring_wiring
from fraudshield.scoring.request import ScoreRequest, read_score_request, refusals
from fraudshield.scoring.response import ScoreResponse, score_response, score_result
from fraudshield.scoring.telemetry import observe
from fraudshield.settings import settings
from fraudshield.transaction import wiring as transaction_wiring
from functions.ingest import quality, stat, transaction

SCORE = Depends(scope("score"))

app = create_app("ingest", "Takes transactions in, checks their quality and queues them.")


@app.post(
    "/ingest",
    dependencies=[SCORE],
    **documented(IngestResponse, IngestRequest, ("422",), status="202", raises=(InvalidInput, UnknownEventType)),
)
async def ingest(request: Request) -> Response:
    """Queue one transaction or up to 1,000, to be scored soon. Safe to repeat under the same transaction_id."""
    arrived, received_at, request_id = time.monotonic(), datetime.now(UTC), request_id_of(request)
    queue, ledger = ingest_wiring.ingest_queue(), ingest_wiring.quality_ledger()
    command = read_ingest_request(
        await json_body(request), settings(RequestSettings).max_batch_size, event_type_wiring.event_types()
    )
    command = command.priced(rate_wiring.rates(), received_at)
    outcome = command.put(queue, received_at, request_id, arrived + command.queue_s)
    ledger.note(refusals(outcome.refused, "queue", received_at, request_id))
    response = ingest_response(outcome, command.single, received_at, request_id)
    return json_response(response, ingest_result(response))


@app.post(
    "/score",
    dependencies=[SCORE],
    **documented(ScoreResponse, ScoreRequest, ("409", "422"), raises=(InvalidInput, UnknownEventType)),
)
async def score(request: Request) -> Response:
    """Score 1 to 1,000 transactions at once, as the model service does."""
    arrived, scorer, ledger = time.monotonic(), scoring_wiring.scorer(), ingest_wiring.quality_ledger()
    command = read_score_request(
        await json_body(request), settings(RequestSettings).max_batch_size, event_type_wiring.event_types()
    )
    results = command.results(scorer, arrived)
    observe(results, (time.monotonic() - arrived) * 1000)
    now, request_id, version = datetime.now(UTC), request_id_of(request), command.model_version(scorer)
    ledger.note(refusals(command.refused(results), "api", now, request_id))
    response = score_response(command.items, results, version, now, request_id)
    return json_response(response, score_result(response))


def _connected() -> Predictor:
    """Makes all that this function needs; returns the predictor. Raises ConfigurationError."""
    ingest_wiring.ingest_queue(), ingest_wiring.quality_ledger()
    return scoring_wiring.scorer().predictors.of(PAYMENT)


def _needs() -> Needs:
    """Without its queue it takes nothing in; the store, the parking queue and the secret are for what else it does."""
    return Needs(
        vital=[(ingest_wiring.queue_needed(),)],
        besides=[
            transaction_wiring.transactions_needed(),
            event_type_wiring.documents_needed(),
            scoring_wiring.parking_needed(),
            dynamo_wiring.secret_needed(),
        ],
    )


add_health(
    app, "ingest", lambda name, now: health(name, _needs, now, _connected()), "Healthy, degraded and why, or 503."
)


app.include_router(quality.router)
app.include_router(stat.router)
app.include_router(transaction.router)
lambda_handler = lambda_entry(app, "/api/v1/ingest")
