"""The poller between a queue and a function: batches, what is deleted, what comes again, how many at once."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from infra.laptop.awslambda.invocation import FunctionResponse, Invocation
from infra.laptop.errors import SetupError
from infra.laptop.intrinsic import Resolver
from infra.laptop.sources.queue_event import processed, queue_event
from infra.laptop.sources.queue_mapping import QueueMapping, queue_mappings
from infra.laptop.sources.queue_poller import QueuePoller

MAPPING = QueueMapping("Mapping", "arn:queue", "http://queue", "Worker", 10, 0.0, 2, partial=True)
SOON_S = 60.0
NOTICE_S = 0.2  # long enough for one invocation too many to begin


def message(number: int) -> dict[str, Any]:
    return {
        "MessageId": f"m{number}",
        "ReceiptHandle": f"r{number}",
        "Body": f"body {number}",
        "MD5OfBody": "0",
        "Attributes": {"ApproximateReceiveCount": "1"},
    }


MESSAGES = [message(number) for number in range(3)]


class FakeQueue:
    """Gives each message once; `done` is set when `awaited` of them are deleted."""

    def __init__(self, messages: list[dict[str, Any]], awaited: int) -> None:
        self.waiting = list(messages)
        self.asked: list[int] = []
        self.deleted: list[str] = []
        self.faults: list[Exception] = []
        self._awaited = awaited
        self.done = threading.Event()
        self._more = threading.Event()

    def receive_message(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked["MaxNumberOfMessages"])
        if self.faults:
            raise self.faults.pop()
        if not self.waiting:
            self._more.wait(0.01)
            return {}
        given, self.waiting = self.waiting[: self.asked[-1]], self.waiting[self.asked[-1] :]
        return {"Messages": given}

    def delete_message_batch(self, QueueUrl: str, Entries: list[dict[str, str]]) -> None:
        assert len({entry["Id"] for entry in Entries}) == len(Entries) <= 10
        self.deleted += [entry["ReceiptHandle"] for entry in Entries]
        if len(self.deleted) >= self._awaited:
            self.done.set()


def answer(body: bytes = b"null", failure: FunctionResponse | None = None) -> Invocation:
    return Invocation.of(failure or FunctionResponse(body), "request")


def polled(
    queue: FakeQueue, invoke: Callable[[str, bytes], Awaitable[Invocation]], mapping: QueueMapping = MAPPING
) -> None:
    """Pump until the queue is done."""

    async def run() -> None:
        task = asyncio.ensure_future(QueuePoller(mapping, queue, invoke).run())
        await asyncio.wait_for(asyncio.to_thread(queue.done.wait, SOON_S), SOON_S + 1)
        task.cancel()
        await asyncio.wait({task})

    asyncio.run(run())
    assert queue.done.is_set()


def test_an_event_has_lambdas_shape() -> None:
    attribute = {"DataType": "Binary", "BinaryValue": b"\x00\x01"}
    [record] = json.loads(queue_event(MAPPING, [message(1) | {"MessageAttributes": {"trace": attribute}}]))["Records"]
    assert record == {
        "messageId": "m1",
        "receiptHandle": "r1",
        "body": "body 1",
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {
            "trace": {"dataType": "Binary", "binaryValue": "AAE=", "stringListValues": [], "binaryListValues": []}
        },
        "md5OfBody": "0",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:queue",
        "awsRegion": "eu-west-1",
    }


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (b"null", []),
        (b"{}", []),
        (b'{"batchItemFailures": []}', []),
        (b'{"batchItemFailures": null}', []),
        (b'{"batchItemFailures": [{"itemIdentifier": "m1"}]}', ["m1"]),
        (b'{"batchItemFailures": [{"itemIdentifier": "m9"}]}', ["m0", "m1", "m2"]),
        (b'{"batchItemFailures": [{"itemIdentifier": ""}]}', ["m0", "m1", "m2"]),
        (b'{"batchItemFailures": [{"itemIdentifier": null}]}', ["m0", "m1", "m2"]),
        (b'{"batchItemFailures": [{"id": "m1"}]}', ["m0", "m1", "m2"]),
        (b'{"batchItemFailures": ["m1"]}', ["m0", "m1", "m2"]),
        (b'{"batchItemFailures": [{"itemIdentifier": []}]}', ["m0", "m1", "m2"]),
        (b"[1]", ["m0", "m1", "m2"]),
        (b"no JSON", ["m0", "m1", "m2"]),
    ],
)
def test_the_functions_answer_says_which_messages_come_again(said: bytes, kept: list[str]) -> None:
    deleted = {done["MessageId"] for done in processed(MAPPING, MESSAGES, answer(said))}
    assert [one["MessageId"] for one in MESSAGES if one["MessageId"] not in deleted] == kept


def test_after_an_error_all_messages_come_again() -> None:
    assert processed(MAPPING, MESSAGES, answer(failure=FunctionResponse.failure("ValueError", "bad"))) == []


def test_a_function_that_reports_no_partial_failures_succeeds_or_fails_as_a_whole() -> None:
    whole = QueueMapping("Mapping", "arn:queue", "http://queue", "Worker", 10, 0.0, 2, partial=False)
    said = b'{"batchItemFailures": [{"itemIdentifier": "m1"}]}'
    assert processed(whole, MESSAGES, answer(said)) == MESSAGES


def test_what_is_dealt_with_is_deleted_and_the_rest_stays() -> None:
    queue = FakeQueue(MESSAGES, awaited=2)
    invoked: list[str] = []

    async def invoke(function: str, event: bytes) -> Invocation:
        invoked.append(function)
        return answer(b'{"batchItemFailures": [{"itemIdentifier": "m1"}]}')

    polled(queue, invoke)
    assert (invoked, queue.deleted) == (["Worker"], ["r0", "r2"])


def test_no_batch_is_larger_than_the_mapping_says() -> None:
    queue = FakeQueue([message(number) for number in range(9)], awaited=9)
    sizes: list[int] = []

    async def invoke(_: str, event: bytes) -> Invocation:
        sizes.append(len(json.loads(event)["Records"]))
        return answer()

    polled(queue, invoke, QueueMapping("Mapping", "arn:queue", "http://queue", "Worker", 4, 0.0, 1, partial=True))
    assert sizes == [4, 4, 1]


def test_a_window_gathers_more_than_one_call_gives() -> None:
    queue = FakeQueue([message(number) for number in range(25)], awaited=25)
    sizes: list[int] = []

    async def invoke(_: str, event: bytes) -> Invocation:
        sizes.append(len(json.loads(event)["Records"]))
        return answer()

    polled(queue, invoke, QueueMapping("Mapping", "arn:queue", "http://queue", "Worker", 25, 30.0, 1, partial=True))
    assert sizes == [25]
    assert max(queue.asked) == 10


def test_no_more_invocations_at_once_than_the_mapping_says() -> None:
    queue = FakeQueue([message(number) for number in range(6)], awaited=6)
    running: list[int] = []
    most: list[int] = []
    third = asyncio.Event()

    async def invoke(_: str, event: bytes) -> Invocation:
        running.append(1)
        most.append(len(running))
        if len(running) > 2:
            third.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(third.wait(), NOTICE_S)
        running.pop()
        return answer()

    polled(queue, invoke, QueueMapping("Mapping", "arn:queue", "http://queue", "Worker", 1, 0.0, 2, partial=True))
    assert max(most) == 2


@pytest.mark.parametrize(
    "fault",
    [
        EndpointConnectionError(endpoint_url="http://queue"),
        ClientError({"Error": {"Code": "InternalError"}}, "ReceiveMessage"),
    ],
)
def test_a_queue_that_is_away_for_a_while_is_asked_again(fault: Exception) -> None:
    queue = FakeQueue(MESSAGES, awaited=3)
    queue.faults = [fault]

    async def invoke(_: str, event: bytes) -> Invocation:
        return answer()

    polled(queue, invoke)


def mapped(**properties: Any) -> list[QueueMapping]:
    told = {"EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]}, "FunctionName": {"Ref": "Worker"}} | properties
    resolver = Resolver(
        {"Resources": {"Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": told}}},
        {},
        refs={"Queue": "http://queue"},
        attributes={("Queue", "Arn"): "arn:queue", ("Queue", "QueueUrl"): "http://queue"},
    )
    return queue_mappings(resolver)


def test_a_mapping_that_says_little_gets_lambdas_own_values() -> None:
    assert mapped() == [QueueMapping("Mapping", "arn:queue", "http://queue", "Worker", 10, 0.0, 5, partial=False)]


def test_a_mapping_is_read_as_it_says() -> None:
    [mapping] = mapped(
        BatchSize=4,
        MaximumBatchingWindowInSeconds=2,
        ScalingConfig={"MaximumConcurrency": 3},
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    assert (mapping.batch_size, mapping.window_s, mapping.concurrency, mapping.partial) == (4, 2.0, 3, True)


@pytest.mark.parametrize("enabled", [False, "false"])
def test_a_mapping_that_is_off_feeds_nobody(enabled: object) -> None:
    assert mapped(Enabled=enabled) == []


def test_a_filter_is_refused_by_name() -> None:
    with pytest.raises(SetupError, match="FilterCriteria of Mapping"):
        mapped(FilterCriteria={"Filters": []})


def test_a_source_that_is_no_queue_is_refused_by_name() -> None:
    with pytest.raises(SetupError, match="Mapping reads from arn:stream"):
        mapped(EventSourceArn="arn:stream")
