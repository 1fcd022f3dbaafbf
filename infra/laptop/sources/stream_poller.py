"""Lambda's poller for one table's stream: every shard in its order, and a shard after its parent.

Delivery is at least once: what was under way when the laptop stopped comes again.
"""

import asyncio
import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.laptop.awslambda.invocation import REQUEST_BYTES
from infra.laptop.sources.checkpoint import Checkpoints
from infra.laptop.sources.shard_delivery import Invoke, ShardDelivery
from infra.laptop.sources.shard_reader import DEFAULT_INTERVALS, ShardReader, StreamIntervals
from infra.laptop.sources.stream_event import Record, created_s, event_record, sequence
from infra.laptop.sources.stream_mapping import StreamMapping

EVENT_BYTES = REQUEST_BYTES - 64 * 1024  # for the records; the rest of the event is small

logger = logging.getLogger(__name__)


class StreamPoller:
    """Invokes one function with the records of one stream.

    `streams` and `sqs` are boto3 clients; their calls run in threads.
    """

    def __init__(
        self,
        mapping: StreamMapping,
        streams: Any,
        sqs: Any,
        invoke: Invoke,
        positions: Checkpoints,
        pace: StreamIntervals = DEFAULT_INTERVALS,
    ) -> None:
        self._mapping = mapping
        self._streams = streams
        self._sqs = sqs
        self._invoke = invoke
        self._positions = positions
        self._pace = pace
        self._following: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Poll until cancelled, from where the positions say."""
        self._following = {}
        async with asyncio.TaskGroup() as group:
            while True:
                start = "TRIM_HORIZON" if self._following else self._mapping.start
                for shard_id in await self._ready():
                    self._following[shard_id] = group.create_task(self._follow(shard_id, start))
                await asyncio.sleep(self._pace.shards_s if self._following else self._pace.poll_s)

    def is_read(self, shard_id: str) -> bool:
        """Whether a shard is closed and all that it holds has been dealt with."""
        return shard_id in self._following and self._following[shard_id].done()

    async def _ready(self) -> list[str]:
        """Shards that are not followed yet and whose parent, if it is still there, has been read to its end."""
        try:
            shards = await asyncio.to_thread(self._shards)
        except (BotoCoreError, ClientError) as exc:
            logger.warning("%s cannot see its stream's shards: %s", self._mapping.name, exc)
            return []
        there = {shard["ShardId"] for shard in shards}
        return [
            shard["ShardId"]
            for shard in shards
            if shard["ShardId"] not in self._following
            and (shard.get("ParentShardId") not in there or self.is_read(shard["ParentShardId"]))
        ]

    def _shards(self) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        page: dict[str, str] = {}
        while True:
            response = self._streams.describe_stream(StreamArn=self._mapping.stream_arn, **page)["StreamDescription"]
            found += response["Shards"]
            if "LastEvaluatedShardId" not in response:
                return found
            page = {"ExclusiveStartShardId": response["LastEvaluatedShardId"]}

    async def _follow(self, shard_id: str, start: str) -> None:
        name, stream = self._mapping.name, self._mapping.stream_arn

        def settle(number: str) -> None:
            self._positions.settle(name, stream, shard_id, number)

        after = self._positions.after(name, stream, shard_id)
        shard = ShardReader(self._streams, stream, shard_id, start, after, self._pace.pause_s)
        delivery = ShardDelivery(self._mapping, shard_id, self._sqs, self._invoke, settle, self._pace.backoff_s)
        while not shard.ended:
            if records := await self._gather(shard):
                for portion in _portions(self._mapping, records):
                    await delivery.deliver(portion)
                settle(sequence(records[-1]))
            else:
                await delivery.close_overdue()
                await asyncio.sleep(self._pace.poll_s)
        await delivery.close()

    async def _gather(self, shard: ShardReader) -> list[Record]:
        """The next batch: full, or what has come within the window of its first record; maybe empty."""
        records = await shard.read(self._mapping.batch_size)
        closes_at = time.monotonic() + self._mapping.window_s
        while records and not self._is_full(records) and not shard.ended and time.monotonic() < closes_at:
            more = await shard.read(self._mapping.batch_size - len(records))
            records += more
            if not more:
                await asyncio.sleep(self._pace.poll_s)
        return [event_record(self._mapping, record) for record in records]

    def _is_full(self, records: Sequence[Any]) -> bool:
        return len(records) >= self._mapping.batch_size


def _portions(mapping: StreamMapping, records: Sequence[Record]) -> Iterator[Sequence[Record]]:
    """What the function wants of a batch, cut where an event would be too large and where a tumbling window ends."""
    portion: list[Record] = []
    size = 0
    for record in records:
        if not mapping.wants(record):
            continue
        length = len(json.dumps(record))
        if portion and (size + length > EVENT_BYTES or _window(mapping, record) > _window(mapping, portion[0])):
            yield portion
            portion, size = [], 0
        portion.append(record)
        size += length
    if portion:
        yield portion


def _window(mapping: StreamMapping, record: Record) -> int:
    return int(created_s(record)) // mapping.tumbling_s if mapping.tumbling_s else 0
