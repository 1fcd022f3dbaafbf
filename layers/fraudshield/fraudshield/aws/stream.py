"""Records of the table's stream: read back within its day, and set aside where one cannot be read."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import clients
from fraudshield.errors import QueueUnavailable, StoreUnavailable
from fraudshield.set_aside import GivenUp


def read(range_: GivenUp) -> Sequence[Mapping[str, Any]]:
    """The records of a range, in order. Raises StoreUnavailable, also where the stream has forgotten them."""
    try:
        return list(_records(range_))
    except (BotoCoreError, ClientError) as exc:
        raise StoreUnavailable(f"The stream does not give the records back: {type(exc).__name__}") from exc


def set_aside(queue_url: str, shard: str, record: Mapping[str, Any]) -> None:
    """Keep a record in a queue, as `fraudshield.set_aside` reads it. Raises QueueUnavailable."""
    body = json.dumps({"shard": shard, "record": record})
    try:
        clients.sqs().send_message(QueueUrl=queue_url, MessageBody=body)
    except (BotoCoreError, ClientError) as exc:
        raise QueueUnavailable(f"An unreadable record cannot be set aside: {type(exc).__name__}") from exc


def _records(range_: GivenUp) -> Iterator[Mapping[str, Any]]:
    streams: Any = clients.dynamodb_streams()
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
