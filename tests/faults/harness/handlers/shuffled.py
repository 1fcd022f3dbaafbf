"""The stream's consumer behind a stream that is worse than DynamoDB's: more shards, by turns, much of it twice."""

import random
from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

from functions.analytics import stream

SHARDS = 4
AGAIN = 0.4  # of the deliveries come again from anywhere on: a fifth of the records
CHANCE = random.Random()  # each process another, as the orders that they see are

Record = Mapping[str, Any]


def consumer(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Each record goes to the shard of its transaction, in order; shards come in no order."""
    shards = by_shard(event["Records"])
    for shard in CHANCE.sample(range(SHARDS), SHARDS):
        deliver(event, f"{event['shardId']}-{shard}", shards[shard], context)
    return {"state": {}}


def deliver(event: dict[str, Any], shard: str, records: Sequence[Record], context: Any) -> None:
    """Once, and a part of it perhaps once more."""
    stream.lambda_handler(event | {"shardId": shard, "Records": [*records]}, context)
    if records and CHANCE.random() < AGAIN:
        again = records[CHANCE.randrange(len(records)) :]
        stream.lambda_handler(event | {"shardId": shard, "Records": [*again]}, context)


def by_shard(records: Sequence[Record]) -> list[list[Record]]:
    """As a table's partitions: those of one transaction together."""
    shards: list[list[Record]] = [[] for _ in range(SHARDS)]
    for record in records:
        name = record["dynamodb"]["Keys"]["transaction_id"]["S"]
        shards[crc32(name.encode()) % SHARDS].append(record)
    return shards
