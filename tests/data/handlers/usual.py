"""A scoring function as it is usually made: FastAPI, Mangum, Powertools, boto3, pandas, scikit-learn."""

import os
from typing import Any

import boto3
import joblib
import pandas as pd  # type: ignore[import-not-found,import-untyped,unused-ignore]
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from fastapi import FastAPI, Request
from mangum import Mangum

logger, metrics, tracer = Logger(), Metrics(), Tracer()
table = boto3.resource("dynamodb").Table(os.environ["TRANSACTIONS_TABLE"])
classifier = joblib.load(os.environ["CLASSIFIER"])
app = FastAPI()
TYPES = ("CASH_IN", "CASH_OUT", "DEBIT", "PAYMENT", "TRANSFER")


@app.post("/api/v1/score")
@tracer.capture_method
async def score(request: Request) -> dict[str, Any]:
    """The risk of each, from a frame with as many columns as the classifier was trained on."""
    sent = pd.DataFrame((await request.json())["transactions"])
    numbers = sent.select_dtypes("number").assign(kind=sent["type"].map(TYPES.index))
    frame = numbers.reindex(columns=range(classifier.n_features_in_), fill_value=0.0)
    risks = classifier.predict_proba(frame.to_numpy())[:, 1]
    metrics.add_metric(name="Scored", unit=MetricUnit.Count, value=len(risks))
    logger.info("scored", extra={"risks": list(risks)})
    return {"results": list(risks)}


asgi = Mangum(app, lifespan="off")


@metrics.log_metrics
@tracer.capture_lambda_handler
def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    """The app behind API Gateway."""
    return asgi(event, context)
