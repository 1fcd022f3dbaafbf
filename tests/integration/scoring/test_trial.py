"""Answers asked for by name, through the real handlers: they leave no trace."""

import json
from typing import Any

import pytest

from functions.ingest import app as ingest
from functions.model import app as model
from tests.caller import Caller
from tests.conftest import README_TRANSACTION
from tests.stack import Stack, client

BAD = README_TRANSACTION | {"transaction_id": "bad_1", "amount": -5}
SERVICES = [
    pytest.param(model.lambda_handler, "/api/v1/score", id="model"),
    pytest.param(ingest.lambda_handler, "/api/v1/ingest/score", id="ingest"),
]


def decided(capsys: pytest.CaptureFixture[str]) -> set[str]:
    """The metrics of decisions that were put out."""
    lines = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    names = {name for line in lines if "_aws" in line for name in line}
    return {name for name in names if name.startswith("Outcome") or name == "DegradedAnswer"}


def counted(stack: Stack) -> list[Any]:
    """What the quality report is made of."""
    found: list[Any] = client("dynamodb").scan(TableName=stack.aggregates)["Items"]
    return found


@pytest.mark.parametrize("outcome", ["approve", "review", "block", "degraded"])
@pytest.mark.parametrize(("handler", "path"), SERVICES)
def test_what_was_asked_for_is_answered_and_neither_stored_nor_counted(
    stack: Stack, handler: Any, path: str, outcome: str, capsys: pytest.CaptureFixture[str]
) -> None:
    body = {"transactions": [README_TRANSACTION, BAD], "store": False, "test_outcome": outcome}
    answered = Caller("ScoreKey", handler=handler).send("POST", path, body)
    asked, refused = answered.json["results"]
    assert (answered.status, asked["test"], asked["persisted"]) == (200, True, False)
    assert asked["decision"] == outcome if outcome != "degraded" else asked["degraded"] == ["model_refused"]
    assert refused["errors"][0]["pointer"] == "/transactions/1/amount"
    assert (stack.items(), stack.parked(), decided(capsys)) == ([], [], set())
    assert counted(stack) == []


@pytest.mark.parametrize(("handler", "path"), SERVICES)
def test_what_is_decided_is_counted(stack: Stack, handler: Any, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    Caller("ScoreKey", handler=handler).send("POST", path, {"transactions": [README_TRANSACTION, BAD]})
    assert decided(capsys) == {"OutcomeApprove"}
    assert (len(stack.items()), bool(counted(stack))) == (1, True)


@pytest.mark.parametrize(("handler", "path"), SERVICES)
@pytest.mark.parametrize("more", [{}, {"store": True}])
def test_it_is_refused_where_it_would_be_kept(stack: Stack, handler: Any, path: str, more: dict[str, bool]) -> None:
    body = {"transactions": [README_TRANSACTION], "test_outcome": "block"} | more
    refused = Caller("ScoreKey", handler=handler).send("POST", path, body)
    assert refused.status == 400
    assert "test_outcome needs store: false" in refused.json["detail"]
    assert stack.items() == []
