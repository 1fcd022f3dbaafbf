"""The reason of a failed step: our own errors keep their text, the text of others is not shown."""

import json
from typing import Any

import pytest

from fraudshield.batch.event import coded, reason
from fraudshield.errors import ChunkTimeout, Malformed


def told(kind: str, message: str) -> dict[str, Any]:
    return {"Error": kind, "Cause": json.dumps({"errorType": kind, "errorMessage": message, "stackTrace": ["secret"]})}


def test_an_error_of_ours_comes_through_with_its_code() -> None:
    error = coded(Malformed("a.csv is empty", code="empty_file"))
    assert reason(told("Malformed", str(error))) == ("empty_file", "a.csv is empty")


def test_an_error_without_a_code_has_its_kinds() -> None:
    assert reason(told("ChunkTimeout", "")) == (ChunkTimeout.code, "It said no more")


@pytest.mark.parametrize("name", ["Sandbox.Timedout", "States.Timeout"])
def test_a_time_out_is_called_one(name: str) -> None:
    assert reason({"Error": name, "Cause": "RequestId: 1 Error: Task timed out after 300.00 seconds"})[0] == "timed_out"


@pytest.mark.parametrize("error", [told("KeyError", "C123 owes 5"), {"Error": "Lambda.Unknown"}, {}, {"Cause": "[1]"}])
def test_the_text_of_anybody_elses_error_is_not_told(error: dict[str, Any]) -> None:
    code, message = reason(error)
    assert code == "internal_error"
    assert message.startswith("Something went wrong on our side (")
    assert "C123" not in message
