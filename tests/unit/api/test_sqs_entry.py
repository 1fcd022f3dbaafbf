"""A queue's messages, each settled by itself."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from fraudshield.api.sqs_entry import TRIES, Unsettled, put_back, sqs_entry
from fraudshield.errors import Malformed, QueueUnavailable, StoreUnavailable
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


@dataclass(slots=True)
class FakeQueue:
    """Keeps what was put back, by receives, and what was given up; takes nothing where it is `gone`."""

    gone: bool = False
    returned: list[tuple[str, int]] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)

    def put_back(self, receipt_handle: str, receives: int) -> None:
        self._taken()
        self.returned.append((receipt_handle, receives))

    def give_up(self, body: str) -> None:
        self._taken()
        self.given_up.append(body)

    def _taken(self) -> None:
        if self.gone:
            raise QueueUnavailable("gone")


def received(times: int) -> dict[str, object]:
    return {
        "messageId": "m0",
        "body": "text",
        "eventSource": "aws:sqs",
        "receiptHandle": "handle",
        "attributes": {"ApproximateReceiveCount": str(times)},
    }


def failing(failure: Exception, queue: FakeQueue, times: int = 1) -> bool:
    """Whether a message comes again whose settling fails so."""

    def settle(_: SQSRecord) -> None:
        raise failure

    entry = sqs_entry(settle, unsettled=lambda: Unsettled(queue, queue))
    return bool(entry({"Records": [received(times)]}, Context())["batchItemFailures"])  # type: ignore[arg-type]


@pytest.mark.parametrize("times", [1, TRIES, 400])
def test_what_met_an_outage_comes_again_soon_however_often(times: int) -> None:
    queue = FakeQueue()
    assert failing(StoreUnavailable("away"), queue, times)
    assert (queue.returned, queue.given_up) == ([("handle", times)], [])


@pytest.mark.parametrize(
    ("failure", "times", "again"),
    [(Malformed("no JSON"), 1, False), (KeyError("id"), TRIES - 1, True), (KeyError("id"), TRIES, False)],
)
def test_what_nothing_can_help_is_given_up(failure: Exception, times: int, again: bool) -> None:
    queue = FakeQueue()
    assert failing(failure, queue, times) == again
    assert (queue.returned, queue.given_up) == ([], [] if again else ["text"])


def test_a_message_that_is_given_up_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    failing(Malformed("no JSON"), FakeQueue())
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["MessageGivenUp"] for one in lines if "_aws" in one] == [[1.0]]


@pytest.mark.parametrize("failure", [Malformed("no JSON"), StoreUnavailable("away")])
def test_a_message_that_no_queue_takes_comes_again(failure: Exception) -> None:
    assert failing(failure, FakeQueue(gone=True))


@pytest.mark.parametrize("gone", [False, True])
def test_messages_that_are_settled_together_are_put_back_together(gone: bool) -> None:
    queue = FakeQueue(gone)
    put_back({"Records": [received(1), received(7)]}, queue)
    assert queue.returned == ([] if gone else [("handle", 1), ("handle", 7)])
