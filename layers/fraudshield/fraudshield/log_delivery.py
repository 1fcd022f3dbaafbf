"""Log lines as CloudWatch hands them to a function that subscribed to them.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
"""

import gzip
import json
import zlib
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from fraudshield.errors import Malformed


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a log. `key` is the same whenever the line is told again, and no other line has it."""

    key: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """Lines of one log group. `id` is the same when they are told again: Lambda repeats the event as it was."""

    id: str
    group: str
    lines: tuple[Line, ...]


def read_delivery(event: Mapping[str, Any]) -> Delivery:
    """What a function is told. CloudWatch's own messages, whether anybody listens, have no lines.

    Raises:
        Malformed: it is no such event.
    """
    try:
        content = json.loads(gzip.decompress(b64decode(event["awslogs"]["data"], validate=True)))
        told = content["logEvents"] if content["messageType"] == "DATA_MESSAGE" else []
        place = f"{content['logGroup']}\n{content['logStream']}"
        lines = tuple(_line(place, one) for one in told)
        return Delivery(_digest(place, *(line.key for line in lines)), str(content["logGroup"]), lines)
    except (ArithmeticError, EOFError, KeyError, OSError, TypeError, ValueError, RecursionError, zlib.error) as exc:
        raise Malformed(f"No delivery of log lines: {type(exc).__name__}") from exc


def _line(place: str, event: Mapping[str, Any]) -> Line:
    at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    text = event["message"]
    if not isinstance(text, str):
        raise TypeError("a line is a text")
    return Line(_digest(place, str(event["id"])), at, text)


def _digest(*parts: str) -> str:
    return blake2b("\n".join(parts).encode(errors="replace"), digest_size=8).hexdigest()
