"""Predictions: what other models and services made of a transaction, beside its first decision."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response

from fraudshield import http
from fraudshield.documentation import documented
from fraudshield.later_prediction import PredictionRequest, PredictionsQuery, read_prediction
from fraudshield.prediction_answer import PredictionsAnswer, predictions_answer
from fraudshield.transaction_answer import AppendAnswer, append_answer
from fraudshield.wirings import dynamo as dynamo_wiring
from fraudshield.wirings import history as history_wiring

router = APIRouter()


@router.post("/predictions", dependencies=[Depends(http.scope("score"))], **documented(AppendAnswer, PredictionRequest))
async def append(request: Request) -> Response:
    """Keep a prediction beside its transaction; sending it again changes nothing."""
    now = datetime.now(UTC)
    sent = read_prediction(await http.json_body(request), now)
    return http.json_response(append_answer(history_wiring.records().append(sent, now)))


@router.get(
    "/predictions",
    dependencies=[Depends(http.scope("analyst"))],
    **documented(PredictionsAnswer, query=PredictionsQuery),
)
async def predictions(request: Request) -> Response:
    """A page of one transaction's predictions, newest first, its first decision last."""
    asked = http.query(request, PredictionsQuery)
    bound = {"list": "predictions", **asked.filter}
    after = None if asked.cursor is None else str(dynamo_wiring.cursors().open(bound, asked.cursor))
    found, more = history_wiring.records().predictions(asked.transaction_id, asked.limit, after)
    return http.json_response(predictions_answer(found, more and dynamo_wiring.cursors().seal(bound, more)))
