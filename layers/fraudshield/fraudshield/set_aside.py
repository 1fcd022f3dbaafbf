"""Messages about records of the stream that were not counted: one that could not be read, or a batch given up.

The second is Lambda's own, of a batch that failed every time; it only says where the records are:
https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fraudshield.errors import Malformed


@dataclass(frozen=True, slots=True)
class Skipped:
    """Records of a shard, as the consumer got them."""

    shard: str
    records: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A range of a shard, both ends included."""

    stream_arn: str
    shard: str
    first: str
    last: str


def parse(message: str) -> Skipped | GivenUp:
    """Raises Malformed: it is neither."""
    try:
        body = json.loads(message)
        if "DDBStreamBatchInfo" in body:
            told = body["DDBStreamBatchInfo"]
            ends = told["startSequenceNumber"], told["endSequenceNumber"]
            return GivenUp(told["streamArn"], told["shardId"], *ends)
        record = body["record"]
        int(record["dynamodb"]["SequenceNumber"])
        return Skipped(body["shard"], [record])
    except (ValueError, KeyError, TypeError) as exc:
        raise Malformed(f"No message about the stream: {type(exc).__name__} {exc}") from exc
