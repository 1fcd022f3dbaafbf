"""The plain runtime client's own parts; the integration tests run it whole, beside AWS's."""

import json
import time
from typing import Any

import pytest

from infra.laptop.awslambda import bootstrap

VARIABLES = {
    "AWS_LAMBDA_FUNCTION_NAME": "Probe",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
    "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/Probe",
    "AWS_LAMBDA_LOG_STREAM_NAME": "laptop",
}


@pytest.fixture
def context(monkeypatch: pytest.MonkeyPatch) -> bootstrap.LambdaContext:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    return bootstrap.LambdaContext("id-1", "arn:of:it", int(time.time() * 1000) + 60_000)


def report(handler: Any, event: bytes, context: bootstrap.LambdaContext) -> dict[str, Any]:
    place, body = bootstrap.outcome(handler, event, context)
    assert place == "invocation/id-1/error"
    told: dict[str, Any] = json.loads(body)
    return told


def test_a_handlers_value_is_posted_as_json(context: bootstrap.LambdaContext) -> None:
    place, body = bootstrap.outcome(lambda event, _: {"was": event}, b'"a"', context)
    assert (place, json.loads(body)) == ("invocation/id-1/response", {"was": "a"})


def test_bytes_are_posted_as_they_are(context: bootstrap.LambdaContext) -> None:
    assert bootstrap.outcome(lambda *_: b"\x00", b"1", context)[1] == b"\x00"


def test_an_event_that_is_no_json_is_refused(context: bootstrap.LambdaContext) -> None:
    assert report(lambda *_: 1, b"{", context)["errorType"] == "Runtime.UnmarshalError"


def test_an_exception_is_reported_with_its_authors_frames_only(context: bootstrap.LambdaContext) -> None:
    def handler(*_: object) -> None:
        raise LookupError("gone")

    told = report(handler, b"1", context)
    assert (told["errorType"], told["errorMessage"], told["requestId"]) == ("LookupError", "gone", "id-1")
    assert len([line for line in told["stackTrace"] if line.startswith("  File")]) == 1


def test_remaining_time_counts_down_to_nothing_and_no_further(context: bootstrap.LambdaContext) -> None:
    assert 59_000 < context.get_remaining_time_in_millis() <= 60_000
    assert bootstrap.LambdaContext("id-1", "arn:of:it", 1).get_remaining_time_in_millis() == 0


@pytest.mark.parametrize(
    ("name", "error_type"),
    [
        ("absent.handle", "Runtime.ImportModuleError"),
        ("json.absent", "Runtime.HandlerNotFound"),
        ("handle", "Runtime.MalformedHandlerName"),
    ],
)
def test_a_handler_that_is_not_there_has_awss_name_for_it(name: str, error_type: str) -> None:
    with pytest.raises(bootstrap.RuntimeFault) as refused:
        bootstrap.find(name)
    assert refused.value.error_type == error_type


def test_a_handler_is_found_by_its_path_too() -> None:
    assert bootstrap.find("json/__init__.loads") is not None
