"""The poller between a table's stream and a function: order, failures, halves, what is given up, and the position."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from infra.laptop.awslambda.invocation import REQUEST_BYTES, FunctionResponse, Invocation
from infra.laptop.errors import SetupError
from infra.laptop.eventbridge.event_pattern import EventPattern
from infra.laptop.intrinsic import Resolver
from infra.laptop.sources.checkpoint import Checkpoints
from infra.laptop.sources.shard_reader import StreamIntervals
from infra.laptop.sources.stream_mapping import StreamMapping, stream_mappings
from infra.laptop.sources.stream_poller import StreamPoller

MAPPING = StreamMapping(
    "Mapping", "arn:stream", "Counter", "TRIM_HORIZON", partial=True, failures_url="http://failures"
)
SOON_S = 60.0
# A stream keeps its records for a day; on the hour, since windows are counted from there.
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
SAYS_NOTHING = b"null"
AT_ONCE = StreamIntervals(poll_s=0.001, shards_s=0.001, pause_s=0.0, backoff_s=0.0)

Invoke = Callable[[str, bytes], Awaitable[Invocation]]


def spelled(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def record(number: int, at: datetime = NOW, **image: str) -> dict[str, Any]:
    """A record as boto3 reads it."""
    return {
        "eventID": f"e{number}",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "engine",
        "dynamodb": {
            "ApproximateCreationDateTime": at,
            "Keys": {"id": {"S": str(number)}},
            "NewImage": {"id": {"S": str(number)}, "raw": {"B": b"\x00\x01"}}
            | {name: {"S": value} for name, value in image.items()},
            "SequenceNumber": str(number),
            "SizeBytes": 8,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }


class FakeStream:
    """Closed shards, so that a poller comes to their end. An iterator is a shard and how many records are behind it."""

    def __init__(self, **shards: list[dict[str, Any]]) -> None:
        self.shards = shards
        self.parents: dict[str, str] = {}
        self.faults: list[Exception] = []
        self.iterators: list[tuple[str, str]] = []
        self.at_once = 1000

    def describe_stream(self, StreamArn: str, ExclusiveStartShardId: str = "") -> dict[str, Any]:
        """A page has one shard."""
        names = list(self.shards)
        index = names.index(ExclusiveStartShardId) + 1 if ExclusiveStartShardId else 0
        told: dict[str, Any] = {"Shards": [{"ShardId": name} for name in names[index : index + 1]]}
        for shard in told["Shards"]:
            if shard["ShardId"] in self.parents:
                shard["ParentShardId"] = self.parents[shard["ShardId"]]
        if index + 1 < len(names):
            told["LastEvaluatedShardId"] = names[index]
        return {"StreamDescription": told}

    def get_shard_iterator(self, ShardId: str, ShardIteratorType: str, **place: str) -> dict[str, str]:
        self.iterators.append((ShardId, place.get("SequenceNumber", ShardIteratorType)))
        numbers = [one["dynamodb"]["SequenceNumber"] for one in self.shards[ShardId]]
        behind = {"TRIM_HORIZON": 0, "LATEST": len(numbers)}.get(ShardIteratorType)
        return {
            "ShardIterator": f"{ShardId} {numbers.index(place['SequenceNumber']) + 1 if behind is None else behind}"
        }

    def get_records(self, ShardIterator: str, Limit: int) -> dict[str, Any]:
        if self.faults:
            raise self.faults.pop()
        shard, behind = ShardIterator.split()
        end = int(behind) + min(Limit, self.at_once)
        told: dict[str, Any] = {"Records": self.shards[shard][int(behind) : end]}
        if end < len(self.shards[shard]):
            told["NextShardIterator"] = f"{shard} {end}"
        return told


class FakeQueue:
    """Keeps what was sent."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.faults: list[Exception] = []

    def send_message(self, QueueUrl: str, MessageBody: str) -> None:
        if self.faults:
            raise self.faults.pop()
        assert QueueUrl == "http://failures"
        self.sent.append(json.loads(MessageBody))


class FakeFunction:
    """Remembers what it was given, by sequence number; a `poison` record fails every batch that holds it."""

    def __init__(self, poison: int = 0, *, names_it: bool = False, said: bytes = SAYS_NOTHING) -> None:
        self.events: list[dict[str, Any]] = []
        self._poison = poison
        self._names_it = names_it
        self._said = said

    @property
    def batches(self) -> list[list[int]]:
        return [[int(one["dynamodb"]["SequenceNumber"]) for one in event["Records"]] for event in self.events]

    async def invoke(self, _: str, event: bytes) -> Invocation:
        self.events.append(json.loads(event))
        if self._poison not in self.batches[-1]:
            return answer(self._said)
        if not self._names_it:
            return answer(failure=FunctionResponse.failure("ValueError", "bad"))
        return answer(json.dumps({"batchItemFailures": [{"itemIdentifier": str(self._poison)}]}).encode())


def answer(body: bytes = SAYS_NOTHING, failure: FunctionResponse | None = None) -> Invocation:
    return Invocation.of(failure or FunctionResponse(body), "request")


@pytest.fixture
def queue() -> FakeQueue:
    return FakeQueue()


@pytest.fixture
def polled(tmp_path: Path, queue: FakeQueue) -> Callable[..., None]:
    """Polls until every shard has been read to its end."""

    def poller(stream: FakeStream, invoke: Invoke, mapping: StreamMapping = MAPPING) -> None:
        async def run() -> None:
            polling = StreamPoller(mapping, stream, queue, invoke, Checkpoints(tmp_path / "streams.json"), AT_ONCE)
            task = asyncio.ensure_future(polling.run())
            async with asyncio.timeout(SOON_S):
                while not all(map(polling.is_read, stream.shards)) and not task.done():
                    await asyncio.sleep(0.001)
            task.cancel()
            await asyncio.wait({task})
            if not task.cancelled():
                task.result()

        asyncio.run(run())

    return poller


def numbered(count: int) -> list[dict[str, Any]]:
    return [record(number) for number in range(1, count + 1)]


def test_an_event_has_lambdas_shape(polled: Callable[..., None]) -> None:
    function = FakeFunction()
    polled(FakeStream(a=[record(1)]), function.invoke)
    assert function.events == [
        {
            "Records": [
                {
                    "eventID": "e1",
                    "eventName": "INSERT",
                    "eventVersion": "1.1",
                    "eventSource": "aws:dynamodb",
                    "awsRegion": "eu-west-1",
                    "dynamodb": {
                        "ApproximateCreationDateTime": NOW.timestamp(),
                        "Keys": {"id": {"S": "1"}},
                        "NewImage": {"id": {"S": "1"}, "raw": {"B": "AAE="}},
                        "SequenceNumber": "1",
                        "SizeBytes": 8,
                        "StreamViewType": "NEW_AND_OLD_IMAGES",
                    },
                    "eventSourceARN": "arn:stream",
                }
            ]
        }
    ]


def test_records_come_in_order_and_no_batch_is_larger_than_the_mapping_says(polled: Callable[..., None]) -> None:
    function = FakeFunction()
    polled(FakeStream(a=numbered(9)), function.invoke, replace(MAPPING, batch_size=4))
    assert function.batches == [[1, 2, 3, 4], [5, 6, 7, 8], [9]]


def test_a_window_gathers_what_comes_after_the_first_record(polled: Callable[..., None]) -> None:
    function = FakeFunction()
    stream = FakeStream(a=numbered(5))
    stream.at_once = 2
    polled(stream, function.invoke, replace(MAPPING, window_s=30.0, batch_size=9))
    assert function.batches == [[1, 2, 3, 4, 5]]


def test_an_event_never_gets_larger_than_lambda_takes(polled: Callable[..., None]) -> None:
    function = FakeFunction()
    polled(FakeStream(a=[record(number, text="x" * 1_000_000) for number in range(1, 9)]), function.invoke)
    assert function.batches == [[1, 2, 3, 4, 5, 6], [7, 8]]
    assert all(len(json.dumps(event)) < REQUEST_BYTES for event in function.events)


def test_a_failing_batch_is_halved_until_only_the_poison_is_given_up(
    polled: Callable[..., None], queue: FakeQueue
) -> None:
    function = FakeFunction(poison=6)
    polled(FakeStream(a=numbered(8)), function.invoke, replace(MAPPING, bisect=True, retries=2))
    assert function.batches == [[*range(1, 9)], [1, 2, 3, 4], [5, 6, 7, 8], [5, 6], [5], [6], [6], [6], [7, 8]]
    [message] = queue.sent
    assert message["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert message["requestContext"]["approximateInvokeCount"] == 3
    assert message["responseContext"]["functionError"] == "Unhandled"
    assert message["DDBStreamBatchInfo"] == {
        "shardId": "a",
        "startSequenceNumber": "6",
        "endSequenceNumber": "6",
        "approximateArrivalOfFirstRecord": spelled(NOW),
        "approximateArrivalOfLastRecord": spelled(NOW),
        "batchSize": 1,
        "streamArn": "arn:stream",
    }


def test_without_halves_the_whole_batch_is_given_up(polled: Callable[..., None], queue: FakeQueue) -> None:
    function = FakeFunction(poison=2)
    polled(FakeStream(a=numbered(4)), function.invoke, replace(MAPPING, batch_size=3, retries=1))
    assert function.batches == [[1, 2, 3], [1, 2, 3], [4]]
    assert queue.sent[0]["DDBStreamBatchInfo"]["batchSize"] == 3


def test_what_the_function_names_comes_again_with_all_that_follows(polled: Callable[..., None]) -> None:
    function = FakeFunction(poison=3, names_it=True)
    polled(FakeStream(a=numbered(5)), function.invoke, replace(MAPPING, bisect=True, retries=1))
    assert function.batches == [[1, 2, 3, 4, 5], [3, 4, 5], [3], [4, 5]]


@pytest.mark.parametrize(
    ("said", "times"),
    [
        (b'{"batchItemFailures": []}', 1),
        (b'{"batchItemFailures": null}', 1),
        (b'{"batchItemFailures": [{"itemIdentifier": "1"}]}', 3),
        (b'{"batchItemFailures": [{"itemIdentifier": "9"}]}', 3),
        (b'{"batchItemFailures": [{"itemIdentifier": ""}]}', 3),
        (b'{"batchItemFailures": ["1"]}', 3),
        (b"[1]", 3),
        (b"no JSON", 3),
    ],
)
def test_an_answer_that_cannot_be_read_brings_all_records_again(
    polled: Callable[..., None], said: bytes, times: int
) -> None:
    function = FakeFunction(said=said)
    polled(FakeStream(a=numbered(2)), function.invoke, replace(MAPPING, retries=2))
    assert function.batches == [[1, 2]] * times


def test_of_several_failures_the_lowest_counts(polled: Callable[..., None]) -> None:
    named = b'{"batchItemFailures": [{"itemIdentifier": "4"}, {"itemIdentifier": "3"}]}'
    events: list[list[str]] = []

    async def invoke(_: str, event: bytes) -> Invocation:
        events.append([one["dynamodb"]["SequenceNumber"] for one in json.loads(event)["Records"]])
        return answer(named if len(events) == 1 else SAYS_NOTHING)

    polled(FakeStream(a=numbered(4)), invoke)
    assert events == [["1", "2", "3", "4"], ["3", "4"]]


def test_a_function_that_reports_no_partial_failures_succeeds_as_a_whole(polled: Callable[..., None]) -> None:
    function = FakeFunction(said=b'{"batchItemFailures": [{"itemIdentifier": "1"}]}')
    polled(FakeStream(a=numbered(2)), function.invoke, replace(MAPPING, partial=False))
    assert function.batches == [[1, 2]]


def test_without_a_limit_of_retries_age_ends_them(polled: Callable[..., None], queue: FakeQueue) -> None:
    old = datetime(2020, 1, 1, tzinfo=UTC)
    function = FakeFunction(poison=1)
    polled(FakeStream(a=[record(1, old), record(2)]), function.invoke, replace(MAPPING, batch_size=1))
    assert function.batches == [[1], [2]]
    assert queue.sent[0]["requestContext"]["condition"] == "RecordAgeExceeded"


def test_a_failure_is_not_lost_when_its_queue_is_away_for_a_while(
    polled: Callable[..., None], queue: FakeQueue
) -> None:
    queue.faults = [EndpointConnectionError(endpoint_url="http://failures")] * 2
    polled(FakeStream(a=numbered(1)), FakeFunction(poison=1).invoke, replace(MAPPING, retries=0))
    assert len(queue.sent) == 1


def test_only_what_the_mapping_filters_for_reaches_the_function(polled: Callable[..., None]) -> None:
    pattern = EventPattern.read("Mapping", {"dynamodb": {"NewImage": {"outcome": {"S": ["block"]}}}})
    function = FakeFunction()
    records = [record(1, outcome="approve"), record(2, outcome="block"), record(3, outcome="approve")]
    stream = FakeStream(a=records)
    for _ in range(2):  # the second poller goes on behind all of them
        polled(stream, function.invoke, replace(MAPPING, patterns=(pattern,)))
    assert function.batches == [[2]]
    assert stream.iterators == [("a", "TRIM_HORIZON"), ("a", "3")]


def test_another_poller_goes_on_where_one_left_off(polled: Callable[..., None]) -> None:
    function, stream = FakeFunction(), FakeStream(a=numbered(3))
    polled(stream, function.invoke)
    stream.shards["a"].append(record(4))
    polled(stream, function.invoke)
    assert function.batches == [[1, 2, 3], [4]]


def test_a_table_made_anew_is_read_from_its_beginning(polled: Callable[..., None]) -> None:
    function = FakeFunction()
    polled(FakeStream(a=numbered(2)), function.invoke)
    polled(FakeStream(a=numbered(2)), function.invoke, replace(MAPPING, stream_arn="arn:another"))
    assert function.batches == [[1, 2], [1, 2]]


def test_what_was_under_way_comes_again(tmp_path: Path, polled: Callable[..., None]) -> None:
    stream, function = FakeStream(a=numbered(2)), FakeFunction()
    begun = asyncio.Event()

    async def hang(_: str, event: bytes) -> Invocation:
        begun.set()
        await asyncio.Event().wait()
        return answer()

    async def stop_in_the_middle() -> None:
        poller = StreamPoller(MAPPING, stream, FakeQueue(), hang, Checkpoints(tmp_path / "streams.json"))
        task = asyncio.ensure_future(poller.run())
        await begun.wait()
        task.cancel()
        await asyncio.wait({task})

    asyncio.run(stop_in_the_middle())
    polled(stream, function.invoke)
    assert function.batches == [[1, 2]]


def test_a_shard_comes_after_its_parent(polled: Callable[..., None]) -> None:
    stream = FakeStream(child=[record(3), record(4)], parent=[record(1), record(2)])
    stream.parents = {"child": "parent", "parent": "long gone"}
    function = FakeFunction()
    polled(stream, function.invoke, replace(MAPPING, start="TRIM_HORIZON", batch_size=1))
    assert function.batches == [[1], [2], [3], [4]]


def test_what_was_there_before_is_left_out_where_the_mapping_starts_at_the_latest(polled: Callable[..., None]) -> None:
    stream = FakeStream(old=numbered(2), new=[record(3)])
    stream.parents = {"new": "old"}
    function = FakeFunction()
    polled(stream, function.invoke, replace(MAPPING, start="LATEST"))
    assert function.batches == [[3]]


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}}, "GetRecords")


@pytest.mark.parametrize("code", ["ExpiredIteratorException", "TrimmedDataAccessException"])
def test_an_iterator_that_leads_nowhere_is_replaced(polled: Callable[..., None], code: str) -> None:
    stream, function = FakeStream(a=numbered(2)), FakeFunction()
    stream.faults = [refusal(code)]
    polled(stream, function.invoke)
    assert function.batches == [[1, 2]]


@pytest.mark.parametrize(
    "fault", [EndpointConnectionError(endpoint_url="http://engine"), refusal("InternalServerError")]
)
def test_an_engine_that_is_away_for_a_while_is_asked_again(polled: Callable[..., None], fault: Exception) -> None:
    stream, function = FakeStream(a=numbered(2)), FakeFunction()
    stream.faults = [fault]
    polled(stream, function.invoke)
    assert function.batches == [[1, 2]]


def at(minute: int, second: int) -> datetime:
    return NOW.replace(minute=minute, second=second)


def test_a_tumbling_window_keeps_state_and_is_told_its_end(polled: Callable[..., None]) -> None:
    records = [record(1, at(0, 1)), record(2, at(0, 59)), record(3, at(1, 0))]
    states: list[int] = []
    function = FakeFunction()

    async def invoke(_: str, event: bytes) -> Invocation:
        told = json.loads(event)
        states.append(told["state"].get("seen", 0))
        function.events.append(told)
        return answer(json.dumps({"state": {"seen": states[-1] + len(told["Records"])}}).encode())

    polled(FakeStream(a=records), invoke, replace(MAPPING, tumbling_s=60, batch_size=1))
    ends = [event["isFinalInvokeForWindow"] for event in function.events]
    assert function.batches == [[1], [2], [], [3], []]
    assert ends == [False, False, True, False, True]
    assert states == [0, 1, 2, 0, 1]
    first = {name: value for name, value in function.events[0].items() if name != "Records"}
    assert first == {
        "window": {"start": spelled(NOW), "end": spelled(at(1, 0))},
        "state": {},
        "shardId": "a",
        "eventSourceARN": "arn:stream",
        "isFinalInvokeForWindow": False,
        "isWindowTerminatedEarly": False,
    }


def test_a_batch_lies_in_one_tumbling_window(polled: Callable[..., None]) -> None:
    records = [record(1, at(0, 1)), record(2, at(0, 59)), record(3, at(1, 0)), record(4, at(1, 1))]
    function = FakeFunction()
    polled(FakeStream(a=records), function.invoke, replace(MAPPING, tumbling_s=60))
    assert function.batches == [[1, 2], [], [3, 4], []]


def test_a_failed_batch_gets_the_state_that_it_had(polled: Callable[..., None]) -> None:
    states: list[Any] = []

    async def invoke(_: str, event: bytes) -> Invocation:
        states.append(json.loads(event)["state"])
        if len(states) == 2:
            return answer(failure=FunctionResponse.failure("ValueError", "bad"))
        return answer(json.dumps({"state": {"calls": len(states)}}).encode())

    polled(FakeStream(a=numbered(2)), invoke, replace(MAPPING, tumbling_s=60, batch_size=1))
    assert states == [{}, {"calls": 1}, {"calls": 1}, {"calls": 3}]


def test_a_windows_end_that_fails_for_ever_blocks_nothing(polled: Callable[..., None]) -> None:
    finals: list[bool] = []

    async def invoke(_: str, event: bytes) -> Invocation:
        finals.append(json.loads(event)["isFinalInvokeForWindow"])
        return answer(failure=FunctionResponse.failure("ValueError", "bad") if finals[-1] else None)

    records = [record(1, at(0, 1)), record(2, at(1, 1))]
    polled(FakeStream(a=records), invoke, replace(MAPPING, tumbling_s=60, retries=1))
    assert finals == [False, True, True, False, True, True]


def mapped(**properties: Any) -> list[StreamMapping]:
    told = {
        "EventSourceArn": {"Fn::GetAtt": ["Table", "StreamArn"]},
        "FunctionName": {"Ref": "Counter"},
        "StartingPosition": "TRIM_HORIZON",
    } | properties
    resolver = Resolver(
        {"Resources": {"Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": told}}},
        {},
        refs={"Queue": "http://queue"},
        attributes={
            ("Table", "StreamArn"): "arn:stream",
            ("Queue", "Arn"): "arn:queue",
            ("Queue", "QueueUrl"): "http://queue",
        },
    )
    return stream_mappings(resolver)


def test_a_mapping_that_says_little_gets_lambdas_own_values() -> None:
    assert mapped() == [StreamMapping("Mapping", "arn:stream", "Counter", "TRIM_HORIZON")]


def test_a_mapping_is_read_as_it_says() -> None:
    [mapping] = mapped(
        BatchSize=1000,
        BisectBatchOnFunctionError=True,
        DestinationConfig={"OnFailure": {"Destination": {"Fn::GetAtt": ["Queue", "Arn"]}}},
        FilterCriteria={"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]},
        FunctionResponseTypes=["ReportBatchItemFailures"],
        MaximumBatchingWindowInSeconds=2,
        MaximumRecordAgeInSeconds=3600,
        MaximumRetryAttempts=0,
        ParallelizationFactor=1,
        StartingPosition="LATEST",
        TumblingWindowInSeconds=60,
    )
    assert replace(mapping, patterns=()) == StreamMapping(
        name="Mapping",
        stream_arn="arn:stream",
        function="Counter",
        start="LATEST",
        batch_size=1000,
        window_s=2.0,
        tumbling_s=60,
        bisect=True,
        partial=True,
        retries=0,
        max_age_s=3600,
        failures_url="http://queue",
    )
    assert [mapping.wants({"eventName": name}) for name in ("INSERT", "MODIFY")] == [True, False]


@pytest.mark.parametrize("enabled", [False, "false"])
def test_a_mapping_that_is_off_feeds_nobody(enabled: object) -> None:
    assert mapped(Enabled=enabled) == []


@pytest.mark.parametrize(
    ("properties", "named"),
    [
        ({"ScalingConfig": {}}, "ScalingConfig of Mapping"),
        ({"ParallelizationFactor": 2}, "Mapping reads a shard in parallel"),
        ({"StartingPosition": "AT_TIMESTAMP"}, "not AT_TIMESTAMP"),
        ({"DestinationConfig": {"OnFailure": {"Destination": "arn:topic"}}}, "Mapping sends failures to arn:topic"),
        ({"FilterCriteria": {"Filters": [{"Pattern": '{"a": [{"numeric": [">", 1]}]}'}]}}, "numeric"),
    ],
)
def test_what_nobody_here_does_is_refused_by_name(properties: dict[str, Any], named: str) -> None:
    with pytest.raises(SetupError, match=named):
        mapped(**properties)


def test_a_damaged_file_of_positions_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "streams.json").write_text("{")
    with pytest.raises(SetupError, match="delete it, and the streams are read from their beginning"):
        Checkpoints(tmp_path / "streams.json")


def test_a_position_that_cannot_be_written_is_remembered_and_written_later(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.touch()  # nothing can be written in a folder that is a file
    positions = Checkpoints(folder / "streams.json")
    positions.settle("Mapping", "arn:stream", "shard", "1")
    assert positions.after("Mapping", "arn:stream", "shard") == "1"
    folder.unlink()
    positions.settle("Mapping", "arn:stream", "other", "2")
    assert Checkpoints(folder / "streams.json").after("Mapping", "arn:stream", "shard") == "1"
