"""Records of the table's stream: dead letters that say which were not taken, and the records read back."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import client
from fraudshield.errors import Malformed, QueueUnavailable, StoreUnavailable


@dataclass(frozen=True, slots=True)
class ShardRecords:
    """Records of a shard, as the consumer got them."""

    shard: str
    records: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class ShardRange:
    """A range of a shard, both ends included."""

    stream_arn: str
    shard: str
    first: str
    last: str


def parse(message: str) -> ShardRecords | ShardRange:
    """Raises Malformed: it is neither."""
    try:
        body = json.loads(message)
        if "DDBStreamBatchInfo" in body:
            told = body["DDBStreamBatchInfo"]
            ends = told["startSequenceNumber"], told["endSequenceNumber"]
            return ShardRange(told["streamArn"], told["shardId"], *ends)
        record = body["record"]
        int(record["dynamodb"]["SequenceNumber"])
        return ShardRecords(body["shard"], [record])
    except (ValueError, KeyError, TypeError) as exc:
        raise Malformed(f"No message about the stream: {type(exc).__name__} {exc}") from exc


def read(range_: ShardRange) -> Sequence[Mapping[str, Any]]:
    """The records of a range, in order. Raises StoreUnavailable, also where the stream has forgotten them."""
    try:
        return list(_records(range_))
    except (BotoCoreError, ClientError) as exc:
        raise StoreUnavailable(f"The stream does not give the records back: {type(exc).__name__}") from exc


def send_dead_letter(queue_url: str, shard: str, record: Mapping[str, Any]) -> None:
    """Keep a record in a queue, as `fraudshield.set_aside` reads it. Raises QueueUnavailable."""
    body = json.dumps({"shard": shard, "record": record})
    try:
        client.sqs().send_message(QueueUrl=queue_url, MessageBody=body)
    except (BotoCoreError, ClientError) as exc:
        raise QueueUnavailable(f"An unreadable record cannot be set aside: {type(exc).__name__}") from exc


def _records(range_: ShardRange) -> Iterator[Mapping[str, Any]]:
    streams: Any = client.dynamodb_streams()
    iterator = streams.get_shard_iterator(
        StreamArn=range_.stream_arn,
        ShardId=range_.shard,
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        SequenceNumber=range_.first,
    )["ShardIterator"]
    last = int(range_.last)
    while iterator:
        page = streams.get_records(ShardIterator=iterator)
        for record in page["Records"]:
            if int(record["dynamodb"]["SequenceNumber"]) > last:
                return
            yield record
        if not page["Records"]:
            return
        iterator = page.get("NextShardIterator")
