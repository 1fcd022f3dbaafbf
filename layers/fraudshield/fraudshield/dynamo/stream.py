"""Dead letters of the table's stream: messages about records that were not consumed, and the records read back."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import client
from fraudshield.dynamo.attempt import back_off
from fraudshield.errors import Malformed, QueueUnavailable, StoreUnavailable
from fraudshield.telemetry import logger, observe_count

EXPIRED = {"TrimmedDataAccessException", "ResourceNotFoundException"}  # the records, or with them the whole shard
PAUSE_S = 0.2  # after an empty page; a shard is read five times a second at most
Record = Mapping[str, Any]

# Whatever reading a stored item may raise where it is none of ours: it is set aside, and stops no other.
UNREADABLE = (LookupError, ValueError, ArithmeticError, TypeError, AttributeError, AssertionError, RecursionError)


@dataclass(frozen=True, slots=True)
class ShardRecords:
    """A dead letter that holds records of a shard, as the consumer received them."""

    shard: str
    records: Sequence[Record]

    @property
    def ids(self) -> dict[str, Any]:
        """What names the records in a log line: where they stand in the shard, and the keys of their items."""
        told = [record["dynamodb"] for record in self.records]
        keys = [one.get("Keys", {}).get("transaction_id", {}).get("S") for one in told]
        return {"shard": self.shard, "sequences": [one["SequenceNumber"] for one in told], "transaction_ids": keys}


@dataclass(frozen=True, slots=True)
class ShardRange:
    """A dead letter that names a range of a shard, both ends included; Lambda sends it without the records."""

    stream_arn: str
    shard: str
    first: str
    last: str
    size: int = 0  # as Lambda counted them, which leaves out what its filter does

    @property
    def ids(self) -> dict[str, Any]:
        """What names the range in a log line."""
        return {"shard": self.shard, "first_sequence": self.first, "last_sequence": self.last, "records": self.size}


@dataclass(frozen=True, slots=True)
class RangeRecords:
    """What the stream still has of a range, in order. `lost` is the least number of records that have expired."""

    records: Sequence[Record]
    lost: int = 0


def parse(message: str) -> ShardRecords | ShardRange:
    """Reads a dead letter. Raises Malformed."""
    try:
        body = json.loads(message)
        if "DDBStreamBatchInfo" in body:
            told = body["DDBStreamBatchInfo"]
            ends = told["startSequenceNumber"], told["endSequenceNumber"]
            return ShardRange(told["streamArn"], told["shardId"], *ends, int(told.get("batchSize", 0)))
        record = body["record"]
        int(record["dynamodb"]["SequenceNumber"])
        return ShardRecords(body["shard"], [record])
    except (ValueError, KeyError, TypeError) as exc:
        raise Malformed(f"No message about the stream: {type(exc).__name__} {exc}") from exc


def read(range_: ShardRange, stop_at: float, streams: Any = None) -> RangeRecords:
    """Reads the records of a range to its last one. A stream keeps records for a day: older ones are `lost`.

    `stop_at` is in `time.monotonic()` seconds; `streams` is the client, by default this process's.

    Raises:
        StoreUnavailable: not all that is there was read: the range must be read again.
    """
    streams = streams or client.dynamodb_streams()
    try:
        if (begin := _iterator(streams, range_, range_.first)) is not None:
            return RangeRecords(list(_records(streams, range_, begin, stop_at)))
        if _iterator(streams, range_, range_.last) is None:
            return RangeRecords([], max(range_.size, 1))
        begin = _iterator(streams, range_, None)
        left = list(_records(streams, range_, begin, stop_at))
        return RangeRecords(left, max(range_.size - len(left), 1))
    except (BotoCoreError, ClientError) as exc:
        raise StoreUnavailable(f"The stream does not give the records back: {type(exc).__name__}") from exc


def records_of(dead_letter: ShardRecords | ShardRange, stop_at: float) -> RangeRecords:
    """Returns the records of a dead letter: those in it, or read back. Raises StoreUnavailable as `read` does."""
    return RangeRecords(dead_letter.records) if isinstance(dead_letter, ShardRecords) else read(dead_letter, stop_at)


def tell_lost(dead_letter: ShardRecords | ShardRange, found: RangeRecords) -> None:
    """Logs and counts records that nobody can read any more; to be called when the others are settled."""
    if found.lost:
        logger.error("stream records lost", lost_at_least=found.lost, read=len(found.records), **dead_letter.ids)
        observe_count("StreamRecordLost", found.lost)


def send_dead_letter(queue_url: str, shard: str, record: Mapping[str, Any]) -> None:
    """Sends a record to the queue of dead letters, as `parse` reads it. Raises QueueUnavailable."""
    body = json.dumps({"shard": shard, "record": record})
    try:
        client.sqs().send_message(QueueUrl=queue_url, MessageBody=body)
    except (BotoCoreError, ClientError) as exc:
        raise QueueUnavailable(f"An unreadable record was not sent to the dead letters: {type(exc).__name__}") from exc


def _iterator(streams: Any, range_: ShardRange, sequence: str | None) -> str | None:
    """Where reading begins: at a record, or at the oldest there is. None where the record has expired."""
    at = {"ShardIteratorType": "TRIM_HORIZON"} if sequence is None else _at(sequence)
    try:
        found: str = streams.get_shard_iterator(StreamArn=range_.stream_arn, ShardId=range_.shard, **at)[
            "ShardIterator"
        ]
    except ClientError as exc:
        if exc.response["Error"]["Code"] not in EXPIRED:
            raise
        return None
    return found


def _at(sequence: str) -> dict[str, str]:
    return {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "SequenceNumber": sequence}


def _records(streams: Any, range_: ShardRange, iterator: str | None, stop_at: float) -> Iterator[Record]:
    """Yields the records up to the last of the range. An empty page in between says nothing: the next may have some.

    Raises:
        StoreUnavailable: the time was up, or the shard ended, before the last one came.
    """
    last = int(range_.last)
    while iterator:
        page = streams.get_records(ShardIterator=iterator)
        for record in page["Records"]:
            number = int(record["dynamodb"]["SequenceNumber"])
            if number <= last:
                yield record
            if number >= last:
                return
        if time.monotonic() >= stop_at:
            raise StoreUnavailable("The stream gave only a part of the range in time")
        if not page["Records"]:
            back_off(PAUSE_S)
        iterator = page.get("NextShardIterator")
    raise StoreUnavailable("The shard ended before the last record of the range")
