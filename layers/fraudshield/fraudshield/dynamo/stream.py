"""Dead letters of the table's stream: messages about records that were not consumed, and the records read back."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import client
from fraudshield.errors import Malformed, QueueUnavailable, StoreUnavailable

# Whatever reading a stored item may raise where it is none of ours: it is set aside, and stops no other.
UNREADABLE = (LookupError, ValueError, ArithmeticError, TypeError, AttributeError, AssertionError, RecursionError)


@dataclass(frozen=True, slots=True)
class ShardRecords:
    """A dead letter that holds records of a shard, as the consumer received them."""

    shard: str
    records: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class ShardRange:
    """A dead letter that names a range of a shard, both ends included; Lambda sends it without the records."""

    stream_arn: str
    shard: str
    first: str
    last: str


def parse(message: str) -> ShardRecords | ShardRange:
    """Reads a dead letter. Raises Malformed."""
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
    """Reads the records of a range, in order. Raises StoreUnavailable, also where the stream has them no more."""
    try:
        return list(_records(range_))
    except (BotoCoreError, ClientError) as exc:
        raise StoreUnavailable(f"The stream does not give the records back: {type(exc).__name__}") from exc


def send_dead_letter(queue_url: str, shard: str, record: Mapping[str, Any]) -> None:
    """Sends a record to the queue of dead letters, as `parse` reads it. Raises QueueUnavailable."""
    body = json.dumps({"shard": shard, "record": record})
    try:
        client.sqs().send_message(QueueUrl=queue_url, MessageBody=body)
    except (BotoCoreError, ClientError) as exc:
        raise QueueUnavailable(f"An unreadable record was not sent to the dead letters: {type(exc).__name__}") from exc


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
