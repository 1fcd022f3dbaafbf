"""Log lines as CloudWatch delivers them, and the entries that are kept of them."""

import gzip
import json
import re
import zlib
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from fraudshield.errors import Malformed


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of a log. `key` is the same whenever the line is delivered again, and no other line has it."""

    key: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class LogDelivery:
    """Lines of one log group. `id` is the same when they are delivered again: Lambda repeats the event as it was."""

    id: str
    group: str
    lines: tuple[LogLine, ...]


def read_delivery(event: Mapping[str, Any]) -> LogDelivery:
    """Reads a function's event. CloudWatch's own messages, which test the subscription, have no lines.

    Raises:
        Malformed: it is no such event.
    """
    try:
        content = json.loads(gzip.decompress(b64decode(event["awslogs"]["data"], validate=True)))
        told = content["logEvents"] if content["messageType"] == "DATA_MESSAGE" else []
        stream = f"{content['logGroup']}\n{content['logStream']}"
        lines = tuple(_line(stream, one) for one in told)
        return LogDelivery(_digest(stream, *(line.key for line in lines)), str(content["logGroup"]), lines)
    except (ArithmeticError, EOFError, KeyError, OSError, TypeError, ValueError, RecursionError, zlib.error) as exc:
        raise Malformed(f"No delivery of log lines: {type(exc).__name__}") from exc


def _line(stream: str, event: Mapping[str, Any]) -> LogLine:
    at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    text = event["message"]
    if not isinstance(text, str):
        raise TypeError("a line is a text")
    return LogLine(_digest(stream, str(event["id"])), at, text)


def _digest(*parts: str) -> str:
    return blake2b("\n".join(parts).encode(errors="replace"), digest_size=8).hexdigest()


LEVELS = ("WARNING", "ERROR", "CRITICAL")  # what is kept, the least first
MOST_CHARACTERS = 500
MOST_DETAILS = 20
# What an exception says was written by nobody of us and may quote what it was given: only its class is kept.
LEFT_OUT = {"exception", "stack_trace", "timestamp", "xray_trace_id", "cold_start"}
OWN = {"level", "service", "message", "location", "request_id", "function_request_id"}
GROUP = re.compile(r"(?:^|[-/])([A-Z][a-z]+)[A-Za-z]*Logs(?:-|$)")  # fraudshield-dev-ModelLogs-1A2B3C
# Of lines that no logger of ours wrote only what is known to name nobody.
FOREIGN = (
    ("ERROR", re.compile(r"Task timed out after [\d.]+ seconds")),
    ("ERROR", re.compile(r"Runtime exited(?: with error: (?:signal: \w+|exit status \d+))?")),
    ("ERROR", re.compile(r"(?<=\[ERROR\] )[A-Za-z_][\w.]{0,99}(?:Error|Exception|Exit)\b")),
)


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An entry. `key` tells entries of the same moment apart. `details`, plain JSON, is the rest of the line."""

    key: str
    at: datetime
    level: str
    service: str
    message: str
    location: str = ""
    request_id: str = ""
    function_request_id: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sort_key(self) -> str:
        """The entry's sort key: keys are in the order of time."""
        return f"{sort_key(self.at)}#{self.key}"


def read_entry(line: LogLine, group: str) -> LogEntry | None:
    """Returns what is kept of a line: nothing below WARNING. `group` is the line's log group."""
    body = parsed(line.text)
    if body is None:
        return _foreign(line, group)
    if body.get("level") not in LEVELS:
        return None
    own = {name: _text(body.get(name, "")) for name in OWN}
    details = {name[:64]: _bounded(value) for name, value in body.items() if name not in OWN | LEFT_OUT}
    own["service"] = own["service"] or service_of(group)
    return LogEntry(line.key, line.at, details=dict(list(details.items())[:MOST_DETAILS]), **own)


def says_failure(line: LogLine) -> bool:
    """Whether Lambda itself wrote the line since a function crashed, timed out or ran out of memory."""
    return parsed(line.text) is None and any(pattern.search(line.text) for _, pattern in FOREIGN)


def sort_key(at: datetime) -> str:
    """Returns what sorts before every entry from then on; `at` is in UTC."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def service_of(group: str) -> str:
    """Returns the service that a log group's name contains; empty where it contains none."""
    found = GROUP.search(group)
    return found[1].lower() if found else ""


def parsed(text: str) -> dict[str, Any] | None:
    """Returns the JSON object of a line, if it is one. What JSON does not know comes as text."""
    try:
        body = json.loads(text, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _foreign(line: LogLine, group: str) -> LogEntry | None:
    for level, pattern in FOREIGN:
        if found := pattern.search(line.text):
            return LogEntry(line.key, line.at, level, service_of(group), found[0])
    named = [level for level in LEVELS if level in line.text]
    if not named:
        return None
    return LogEntry(line.key, line.at, named[-1], service_of(group), "A line that is not ours; the log group has it")


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text[:MOST_CHARACTERS].encode(errors="replace").decode()


def _bounded(value: Any) -> Any:
    written = value if isinstance(value, str) else json.dumps(value)
    return value if len(written) <= MOST_CHARACTERS else written[:MOST_CHARACTERS]
