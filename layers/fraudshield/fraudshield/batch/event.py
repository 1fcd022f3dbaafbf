"""Events of jobs: a file was received, an execution ended, a chunk failed; and the message when a job ends."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from typing_extensions import TypedDict

from fraudshield import errors
from fraudshield.batch.job import INCOMING, REJECTS_FILE, SCORED_FILE, Job
from fraudshield.errors import FraudShieldError, Malformed
from fraudshield.text import strict_json
from fraudshield.text.timestamp import timestamp

FILE = re.compile(r"\.(csv|tsv|txt|gz|gzip)$", re.IGNORECASE)
ENDS = {"FAILED": "The job's execution failed", "TIMED_OUT": "The job took too long", "ABORTED": "The job was aborted"}


@dataclass(frozen=True, slots=True)
class FileReceived:
    """An object was written under `incoming/`."""

    key: str
    version: str | None


@dataclass(frozen=True, slots=True)
class ExecutionEnded:
    """An execution ended by failure, time-out or abort, perhaps without a step of ours that noted it."""

    job_id: str
    attempt: int
    message: str


def read_notice(body: str) -> FileReceived | ExecutionEnded | None:
    """Reads an event of EventBridge; None where there is nothing to do (a marker of a folder). Raises Malformed."""
    event = strict_json.parse(body.encode())
    try:
        detail: Any = event["detail"]  # type: ignore[index]
        return _file(detail) if "object" in detail else _run(detail)
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise Malformed(f"No event of a file or an execution: {type(exc).__name__} {exc}") from exc


def _file(detail: Mapping[str, Any]) -> FileReceived | None:
    key = detail["object"]["key"]
    if not key.startswith(INCOMING):
        raise ValueError("a key that starts no job")
    if is_marker(key, detail["object"].get("size")):
        return None
    return FileReceived(key, detail["object"].get("version-id"))


def is_marker(key: str, size: int | None) -> bool:
    """Whether an object holds no rows but says something about its folder, or is still to be renamed.

    Hadoop, Spark and Hive hide what starts with `_` or `.` (`_SUCCESS`, `_temporary/`, `.part-0.csv.crc`).
    An empty file that is called like a CSV is none: its sender should hear that it is empty.
    """
    *folders, name = key.removeprefix(INCOMING).split("/")
    hidden = any(part.startswith(("_", ".")) for part in (*folders, name))
    return not name or hidden or name.endswith("$folder$") or (size == 0 and not FILE.search(name))


def _run(detail: Mapping[str, Any]) -> ExecutionEnded:
    job_id, _, attempt = detail["name"].rpartition("-")
    return ExecutionEnded(job_id, int(attempt), ENDS[detail["status"]])


TIMED_OUT = {"Sandbox.Timedout", "States.Timeout", "States.HeartbeatTimeout"}


def reason(error: Mapping[str, Any]) -> tuple[str, str]:
    """Returns a stable code and a sentence, from `{"Error": ..., "Cause": ...}` of Step Functions.

    Only the texts of our own errors are shown: those of others may hold anything.
    """
    name, cause = str(error.get("Error", "")), _cause(error.get("Cause"))
    name = str(cause.get("errorType") or name)
    kind = getattr(errors, name, None)
    if isinstance(kind, type) and issubclass(kind, FraudShieldError):
        message, _, code = str(cause.get("errorMessage", "")).rpartition(CODE)
        return code or kind.code, message or "It said no more"
    if name in TIMED_OUT:
        return "timed_out", "It did not end in time"
    return "internal_error", f"Something went wrong on our side ({name[:80] or 'unknown'})"


CODE = " | "  # between an error's text and its code, where it leaves a function


def coded(exc: FraudShieldError) -> FraudShieldError:
    """Puts the error's code behind its text, so that both pass through the state machine."""
    exc.args = (f"{exc}{CODE}{exc.code}",)
    return exc


def _cause(text: object) -> Mapping[str, Any]:
    try:
        found = json.loads(str(text))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


class JobMessage(TypedDict):
    """The message of an ended job; a field is null where the job has no value for it."""

    job_id: str
    job_type: str
    status: str
    notify: str | None
    created_at: str
    completed_at: str | None
    total_items: int
    processed_items: int
    failed_items: int
    high_risk_count: int
    error_message: str | None
    result_key: str | None
    rejects_key: str | None


def job_message(job: Job) -> JobMessage:
    """The message that announces the job's end."""
    completed = job.status == "completed"
    return {
        "job_id": job.job_id,
        "job_type": job.job_type,
        "status": job.status,
        "notify": job.options.notify,
        "created_at": timestamp(job.created_at),
        "completed_at": timestamp(job.completed_at) if job.completed_at else None,
        "total_items": job.progress.rows,
        "processed_items": job.progress.rows,
        "failed_items": job.progress.rejected,
        "high_risk_count": job.progress.flagged,
        "error_message": job.error_message,
        "result_key": job.result_key(SCORED_FILE) if completed else None,
        "rejects_key": job.result_key(REJECTS_FILE) if completed else None,
    }
