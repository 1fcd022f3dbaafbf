"""A queue's messages, each settled by itself."""

import json
from collections.abc import Callable

import pytest
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from fraudshield.api.sqs_entry import sqs_entry
from fraudshield.errors import Malformed
from tests.caller import Context


def settle(record: SQSRecord) -> None:
    if record.body != "good":
        raise Malformed("no message of ours")


@pytest.mark.parametrize(
    ("bodies", "again"),
    [(["good", "good"], []), (["good", "bad", "good"], ["m1"]), (["bad", "bad"], ["m0", "m1"])],
)
def test_a_message_that_fails_comes_again_alone(bodies: list[str], again: list[str]) -> None:
    records = [{"messageId": f"m{at}", "body": body, "eventSource": "aws:sqs"} for at, body in enumerate(bodies)]
    response = sqs_entry(settle)({"Records": records}, Context())  # type: ignore[arg-type]
    assert response == {"batchItemFailures": [{"itemIdentifier": name} for name in again]}


Told = Callable[..., None]


def fail(receives: int, told: Told) -> None:
    """A message fails that was received so often, of three times at most."""
    told(MESSAGE_ATTEMPTS="3")
    attributes = {"ApproximateReceiveCount": str(receives)}
    record = {"messageId": "m0", "body": "C1231006815", "attributes": attributes, "eventSource": "aws:sqs"}
    entry = sqs_entry(settle, lambda _: {"transaction_ids": ["t-1"]})
    assert entry({"Records": [record]}, Context())["batchItemFailures"]  # type: ignore[arg-type]


@pytest.mark.parametrize(("receives", "counted"), [(1, []), (2, []), (3, [[1.0]]), (4, [[1.0]])])
def test_the_last_delivery_that_fails_is_counted_as_given_up(
    receives: int, counted: list[list[float]], told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    fail(receives, told)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["MessageGivenUp"] for one in lines if "_aws" in one] == counted


@pytest.mark.parametrize("receives", [1, 3])
def test_a_failure_is_told_by_ids_and_repeats_nothing_of_the_message(
    receives: int, told: Told, written: Callable[[], str]
) -> None:
    fail(receives, told)
    text = written()
    assert [name in text for name in ("m0", "t-1", "C1231006815")] == [True, True, False]
