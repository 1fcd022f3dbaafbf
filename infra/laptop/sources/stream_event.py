"""Stream records as a function gets them, what its response says of them, and the message about those given up.

Source: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html, .../services-ddb-batchfailurereporting.html,
.../services-ddb-windows.html and .../services-dynamodb-errors.html
"""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from infra.laptop.awslambda.invocation import Invocation
from infra.laptop.sdk import REGION
from infra.laptop.sources.stream_mapping import StreamMapping

Record = Mapping[str, Any]  # as the event has it

EXHAUSTED, AGED = "RetryAttemptsExhausted", "RecordAgeExceeded"  # why Lambda gives records up


@dataclass(frozen=True, slots=True)
class TumblingWindow:
    """A tumbling window, in seconds since 1970, and the state that the function has left for its next invocation."""

    start_s: int
    end_s: int
    state: Mapping[str, Any]


def sequence(record: Record) -> str:
    """A record's sequence number: where it stands in its shard."""
    number: str = record["dynamodb"]["SequenceNumber"]
    return number


def created_s(record: Record) -> float:
    """When a record was written, in seconds since 1970: the engine counts whole ones."""
    at_s: float = record["dynamodb"]["ApproximateCreationDateTime"]
    return at_s


def event_record(mapping: StreamMapping, record: Mapping[str, Any]) -> Record:
    """A record in the event's shape, from boto3's."""
    plain: dict[str, Any] = json.loads(json.dumps(record, default=_plain))
    return plain | {"awsRegion": REGION, "eventSource": "aws:dynamodb", "eventSourceARN": mapping.stream_arn}


def stream_event(
    mapping: StreamMapping, shard: str, records: Sequence[Record], window: TumblingWindow | None, *, final: bool = False
) -> bytes:
    """The event for one batch. Only a tumbling window tells the function its shard."""
    event: dict[str, Any] = {"Records": list(records)}
    if window is not None:
        event |= {
            "window": {"start": _clock(window.start_s), "end": _clock(window.end_s)},
            "state": window.state,
            "shardId": shard,
            "eventSourceARN": mapping.stream_arn,
            "isFinalInvokeForWindow": final,
            "isWindowTerminatedEarly": False,
        }
    return json.dumps(event).encode()


def first_failed(mapping: StreamMapping, records: Sequence[Record], invocation: Invocation) -> int | None:
    """The index of the first record that must come again: the lowest one that the response names. None: all are done.

    All come again after an error, and where the response names what was not in the batch.
    """
    if invocation.error is not None:
        return 0
    if not mapping.partial:
        return None
    try:
        failures = (json.loads(invocation.body) or {}).get("batchItemFailures") or []
        position = {sequence(record): index for index, record in enumerate(records)}
        return min((position[failure["itemIdentifier"]] for failure in failures), default=None)
    except (ValueError, TypeError, KeyError, AttributeError):
        return 0


def state(invocation: Invocation) -> Mapping[str, Any]:
    """The state that the function leaves for the window's next invocation."""
    try:
        left = json.loads(invocation.body).get("state")
    except (ValueError, AttributeError):
        return {}
    return left if isinstance(left, dict) else {}


def discarded_batch(
    mapping: StreamMapping, shard: str, records: Sequence[Record], invocation: Invocation, times: int, why: str
) -> str:
    """The message to the OnFailure destination: where the records stand in the stream, not the records themselves."""
    response = {"statusCode": 200, "executedVersion": "$LATEST"}
    message = {
        "requestContext": {
            "requestId": invocation.request_id,
            "functionArn": f"arn:aws:lambda:{REGION}:123456789012:function:{mapping.function}",
            "condition": why,
            "approximateInvokeCount": times,
        },
        "responseContext": response | ({"functionError": invocation.error} if invocation.error else {}),
        "version": "1.0",
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "DDBStreamBatchInfo": {
            "shardId": shard,
            "startSequenceNumber": sequence(records[0]),
            "endSequenceNumber": sequence(records[-1]),
            "approximateArrivalOfFirstRecord": _clock(created_s(records[0])),
            "approximateArrivalOfLastRecord": _clock(created_s(records[-1])),
            "batchSize": len(records),
            "streamArn": mapping.stream_arn,
        },
    }
    return json.dumps(message)


def _clock(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _plain(value: Any) -> Any:
    """Bytes and times, as boto3 reads them, back in JSON."""
    return b64encode(value).decode() if isinstance(value, bytes) else value.timestamp()
