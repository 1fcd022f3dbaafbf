"""A table's stream on a real engine, carried to a function in a real process."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from infra.laptop.awslambda.function import FunctionSpec
from infra.laptop.awslambda.runtime import Runtime
from infra.laptop.process import dynoxide
from infra.laptop.sources.checkpoint import Checkpoints
from infra.laptop.sources.shard_reader import StreamIntervals
from infra.laptop.sources.stream_mapping import StreamMapping
from infra.laptop.sources.stream_poller import StreamPoller
from tests.conftest import ROOT
from tests.engine import one_at_a_time

HANDLERS = ROOT / "tests/data/handlers"
PACE = StreamIntervals(poll_s=0.02, shards_s=0.5, pause_s=0.1, backoff_s=0.01)
SOON_S = 60.0


class Table:
    """A table with a stream, wherever the engine is."""

    def __init__(self, endpoint: str | None) -> None:
        position: Any = {"endpoint_url": endpoint} if endpoint else {}
        self._dynamodb: Any = boto3.client("dynamodb", **position)
        self.streams: Any = boto3.client("dynamodbstreams", config=Config(parameter_validation=False), **position)

    def create(self) -> None:
        self._dynamodb.create_table(
            TableName="things",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )

    @property
    def stream(self) -> str:
        arn: str = self._dynamodb.describe_table(TableName="things")["Table"]["LatestStreamArn"]
        return arn

    def put(self, *names: str) -> None:
        for name in names:
            self._dynamodb.put_item(TableName="things", Item={"id": {"S": name}, "raw": {"B": b"\x00\xff"}})

    def update(self, name: str) -> None:
        change = {"UpdateExpression": "SET seen = :yes", "ExpressionAttributeValues": {":yes": {"BOOL": True}}}
        self._dynamodb.update_item(TableName="things", Key={"id": {"S": name}}, **change)

    def delete(self, name: str) -> None:
        self._dynamodb.delete_item(TableName="things", Key={"id": {"S": name}})

    @property
    def shard(self) -> str:
        [only] = self.streams.describe_stream(StreamArn=self.stream)["StreamDescription"]["Shards"]
        name: str = only["ShardId"]
        return name

    def records(self, **position: str) -> list[dict[str, Any]]:
        found = self.streams.get_shard_iterator(StreamArn=self.stream, ShardId=self.shard, **position)
        records: list[dict[str, Any]] = self.streams.get_records(ShardIterator=found["ShardIterator"])["Records"]
        return records

    def last(self) -> str:
        number: str = self.records(ShardIteratorType="TRIM_HORIZON")[-1]["dynamodb"]["SequenceNumber"]
        return number


Start = Callable[[], Any]


@pytest.fixture(params=["dynoxide", "moto"])
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Start]:
    """Starts the engine; on moto, which is one for the whole test, there is nothing to start again."""
    found = dynoxide.binary()
    if request.param == "dynoxide" and isinstance(found, dynoxide.EngineMissing):
        pytest.skip(found.reason)

    @contextmanager
    def engine() -> Iterator[Table]:
        if request.param == "moto" or isinstance(found, dynoxide.EngineMissing):
            yield Table(None)
        else:
            with dynoxide.serve(found, tmp_path / "test.db") as endpoint:
                yield Table(endpoint)

    with mock_aws(), one_at_a_time():
        yield engine


def carried(table: Table, folder: Path, lines: int, **changes: Any) -> list[str]:
    """Pump until the function has kept so many lines in all; what it has kept."""
    kept = folder / "kept"
    spec = FunctionSpec("Keeper", "probe.keeps_records", 10.0, 256, {"KEPT": str(kept)}, 1, (HANDLERS,))
    mapping = StreamMapping("Mapping", table.stream, "Keeper", "TRIM_HORIZON", **changes)

    async def run() -> list[str]:
        runtime = Runtime({"Keeper": spec}, folder / "logs")
        positions = Checkpoints(folder / "streams.json")
        poller = StreamPoller(mapping, table.streams, boto3.client("sqs"), runtime.invoke, positions, PACE)
        task = asyncio.ensure_future(poller.run())
        try:
            async with asyncio.timeout(SOON_S):
                while not kept.exists() or len(kept.read_text().splitlines()) < lines:
                    await asyncio.sleep(0.01)
                while positions.after("Mapping", table.stream, table.shard) != table.last():
                    await asyncio.sleep(0.01)
        finally:
            task.cancel()
            await asyncio.wait({task})
            await runtime.stop()
        return kept.read_text().splitlines()

    return asyncio.run(run())


def test_what_is_written_reaches_the_function_in_order_and_once(start: Start, tmp_path: Path) -> None:
    with start() as table:
        table.create()
        table.put("a", "b")
        table.update("a")
        table.delete("b")
        lines = carried(table, tmp_path, 4)
    assert [line.split()[0] for line in lines] == ["INSERT", "INSERT", "MODIFY", "REMOVE"]


def test_after_a_restart_of_all_it_goes_on_where_it_was(start: Start, tmp_path: Path) -> None:
    with start() as table:
        table.create()
        table.put("a", "b")
        carried(table, tmp_path, 2)
    with start() as table:
        table.put("c")
        lines = carried(table, tmp_path, 3)
    assert len(set(lines)) == len(lines) == 3


def test_a_record_that_is_given_up_can_be_read_back_from_its_message(start: Start, tmp_path: Path) -> None:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="failures")["QueueUrl"]
    with start() as table:
        table.create()
        table.put("a", "poison", "b")
        lines = carried(table, tmp_path, 2, bisect=True, retries=1, failures_url=url)
        [message] = sqs.receive_message(QueueUrl=url)["Messages"]
        told = json.loads(message["Body"])["DDBStreamBatchInfo"]
        assert (told["streamArn"], told["shardId"], told["batchSize"]) == (table.stream, table.shard, 1)
        position = {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "SequenceNumber": told["startSequenceNumber"]}
        assert table.records(**position)[0]["dynamodb"]["Keys"] == {"id": {"S": "poison"}}
    assert len(lines) == 2
