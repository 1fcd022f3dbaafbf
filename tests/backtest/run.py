"""A test on history from its request to its answer: the API, and the steps of the state machine in this process."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.policy import app as policy_app
from tests.caller import ApiResponse, Caller
from tests.job_run import Batch, StepFailed

VERSIONS = "/api/v1/policy/versions"
BACKTESTS = "/api/v1/policy/backtests"
Chunks = Sequence[dict[str, Any]]


def analyst() -> Caller:
    """Whoever may test a version."""
    return Caller(key_id="AnalystKey", handler=policy_app.lambda_handler)


def asked(version: int, **span: str) -> ApiResponse:
    """Asks for a test of a version, over the last hour unless a span is given."""
    lately = {"from": (datetime.now(UTC) - timedelta(hours=1)).isoformat(), "to": "2999-01-01T00:00:00Z"}
    return analyst().send("POST", f"{VERSIONS}/{version}/backtests", span or lately)


def found(backtest_id: str) -> Any:
    """The test as the API shows it."""
    response = analyst().send("GET", f"{BACKTESTS}/{backtest_id}")
    assert response.status == 200, response.text
    return response.json


def run(batch: Batch, backtest_id: str, order: Callable[[Chunks], Chunks] = lambda chunks: chunks) -> Any:
    """Runs the state machine to its end, its parts in an order; returns the test."""
    run_to_end(batch, backtest_id, order)
    return found(backtest_id)


def run_to_end(batch: Batch, backtest_id: str, order: Callable[[Chunks], Chunks] = lambda chunks: chunks) -> None:
    """Runs the state machine to its end, its parts in an order."""
    given: dict[str, Any] = {"job_id": backtest_id}
    try:
        given = batch.step("plan", given)
        for chunk in order(json.loads(batch.read(given["key"]))):
            batch.step("score", {"job_id": backtest_id, "chunk": chunk})
        batch.step("merge", {"job_id": backtest_id, "plan_id": given["plan_id"]})
        batch.step("notify", {"job_id": backtest_id})
    except StepFailed as failed:
        batch.step("fail", {"job_id": backtest_id, "error": failed.told})


def answer_of(batch: Batch, version: int) -> Any:
    """The answer of a test of a version over all that is stored."""
    return run(batch, asked(version).json["backtest_id"])
