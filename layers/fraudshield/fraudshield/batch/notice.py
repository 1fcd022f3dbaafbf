"""What comes through the jobs queue: a file has come in, or an execution ended without our doing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fraudshield import strict_json
from fraudshield.batch.job import INCOMING
from fraudshield.errors import Malformed

ENDS = {"FAILED": "The job's execution failed", "TIMED_OUT": "The job took too long", "ABORTED": "The job was aborted"}


@dataclass(frozen=True, slots=True)
class FileCame:
    """An object under `incoming/`."""

    key: str
    version: str | None


@dataclass(frozen=True, slots=True)
class RunEnded:
    """An execution that is no more; one that our own steps ended is known to have."""

    job_id: str
    attempt: int
    message: str


def read_notice(body: str) -> FileCame | RunEnded | None:
    """From an event of EventBridge's; None where it concerns nobody (a folder's marker). Raises Malformed."""
    event = strict_json.parse(body.encode())
    try:
        detail: Any = event["detail"]  # type: ignore[index]
        return _file(detail) if "object" in detail else _run(detail)
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise Malformed(f"No event of a file or an execution: {type(exc).__name__} {exc}") from exc


def _file(detail: Mapping[str, Any]) -> FileCame | None:
    key = detail["object"]["key"]
    if not key.startswith(INCOMING):
        raise ValueError("a key that starts no job")
    return None if key.endswith("/") else FileCame(key, detail["object"].get("version-id"))


def _run(detail: Mapping[str, Any]) -> RunEnded:
    job_id, _, attempt = detail["name"].rpartition("-")
    return RunEnded(job_id, int(attempt), ENDS[detail["status"]])
