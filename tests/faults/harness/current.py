"""A table's stream: what it tells, and whether all of it has been dealt with."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.faults.harness.client import clock
from tests.faults.harness.works import POSITIONS, Works

POLL_S = 0.25


def changes(works: Works, table: str) -> Iterator[Mapping[str, Any]]:
    """Every change that the stream still has, oldest first within a shard."""
    for shard in _shards(works, table):
        iterator: str | None = _iterator(works, table, shard)
        while iterator:
            answer = works.client("dynamodbstreams").get_records(ShardIterator=iterator, Limit=1000)
            yield from (record["dynamodb"] for record in answer["Records"])
            iterator = answer.get("NextShardIterator") if answer["Records"] else None


async def dealt_with(works: Works, table: str, mapping: str, within_s: float) -> None:
    """Wait until a mapping has nothing before it; fail when that does not come."""
    give_up_at = clock() + within_s
    while waiting := await asyncio.to_thread(_waiting, works, table, mapping):
        assert clock() < give_up_at, f"after {within_s:g} s {mapping} has still to do in {waiting}"
        await asyncio.sleep(POLL_S)


def _waiting(works: Works, table: str, mapping: str) -> list[str]:
    """Shards with a record after the last one that the mapping is done with."""
    path = works.home / POSITIONS
    done = json.loads(path.read_text()).get(mapping, {}).get("shards", {}) if path.exists() else {}
    streams, found = works.client("dynamodbstreams"), []
    for shard in _shards(works, table):
        iterator = _iterator(works, table, shard, done.get(shard))
        if streams.get_records(ShardIterator=iterator, Limit=1)["Records"]:
            found.append(shard)
    return found


def _shards(works: Works, table: str) -> list[str]:
    stream = works.resolver.attributes[table, "StreamArn"]
    described = works.client("dynamodbstreams").describe_stream(StreamArn=stream)["StreamDescription"]
    return [shard["ShardId"] for shard in described["Shards"]]


def _iterator(works: Works, table: str, shard: str, after: str | None = None) -> str:
    place: dict[str, str] = {"ShardIteratorType": "TRIM_HORIZON"}
    if after is not None:
        place = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": after}
    stream = works.resolver.attributes[table, "StreamArn"]
    found = works.client("dynamodbstreams").get_shard_iterator(StreamArn=stream, ShardId=shard, **place)
    return str(found["ShardIterator"])
