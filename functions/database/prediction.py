"""Predictions of other models and services about a transaction, stored beside its first decision."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response

from fraudshield.api.openapi import documented
from fraudshield.api.request import json_body, query, scope
from fraudshield.api.response import json_response
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.errors import NotFound
from fraudshield.history import wiring as history_wiring
from fraudshield.history.prediction import (
    PredictionRequest,
    PredictionsQuery,
    PredictionsResponse,
    predictions_response,
    read_prediction,
)
from fraudshield.history.record import AppendResponse, append_response

router = APIRouter()


@router.post(
    "/predictions",
    dependencies=[Depends(scope("score"))],
    **documented(AppendResponse, PredictionRequest, raises=(NotFound,)),
)
async def append(request: Request) -> Response:
    """Keep a prediction beside its transaction; sending it again changes nothing."""
    now = datetime.now(UTC)
    sent = read_prediction(await json_body(request), now)
    return json_response(append_response(history_wiring.records().append(sent, now)))


@router.get(
    "/predictions",
    dependencies=[Depends(scope("analyst"))],
    **documented(PredictionsResponse, query=PredictionsQuery, raises=(NotFound,)),
)
async def predictions(request: Request) -> Response:
    """A page of one transaction's predictions, newest first, its first decision last."""
    asked = query(request, PredictionsQuery)
    bound = {"list": "predictions", **asked.filter}
    after = None if asked.cursor is None else str(dynamo_wiring.cursors().open(bound, asked.cursor))
    found, more = history_wiring.records().predictions(asked.transaction_id, asked.limit, after)
    return json_response(predictions_response(found, more and dynamo_wiring.cursors().seal(bound, more)))
