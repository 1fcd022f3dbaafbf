"""The responses of the label routes."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Annotated, NotRequired

from typing_extensions import TypedDict

from fraudshield.audit.audit import AuditEntry, Author
from fraudshield.errors import Fault, NotFound
from fraudshield.label.dry_run import TriedLine
from fraudshield.label.file import LabelLine, RefusedLine
from fraudshield.label.label import History, LabelSource, RecordedLabel, Truth, in_force
from fraudshield.label.port import LabelOutcome, LabelResult
from fraudshield.result import Result
from fraudshield.text.query import Flag, Query
from fraudshield.text.schema import Moment, one_of
from fraudshield.text.timestamp import timestamp

SHOWN_RECORDS = 100


SUBJECT = "labels"  # of a file: its transactions are many


class LabelsQuery(Query):
    """With `dry_run` it is only said what the file would do."""

    dry_run: Flag = False


class LabelEntry(TypedDict):
    """One label of a transaction; `undone_at` where it was taken back, `actor` who the bearer of the key said to be."""

    label: Truth
    source: LabelSource
    labelled_at: Moment
    recorded_at: Moment
    by: str
    actor: NotRequired[str]
    undone_at: Moment | None


class LabelResponse(TypedDict):
    """The label in force, null where there is none, and the last hundred that there were, newest first."""

    status: Annotated[str, one_of("success")]
    message: str
    transaction_id: str
    label: LabelEntry | None
    history: list[LabelEntry]


class LineError(TypedDict):
    """A line whose label was not recorded."""

    line: int
    transaction_id: str | None
    code: str
    detail: str


class Contradiction(TypedDict):
    """A line that says otherwise than what was said before."""

    line: int
    transaction_id: str | None
    label: Truth
    against: Truth


class LabelsResponse(TypedDict):
    """`unchanged` lines said what was recorded already. Those in `errors` can be sent again by themselves.

    A dry run records nothing: `matched` lines would, of which `unchanged` say what the label in force says; `unknown`
    ones are about no payment and are among the errors, and `contradicting` ones, of which there are the first hundred,
    say otherwise than the label in force or an earlier line.
    """

    status: Annotated[str, one_of("success", "partial", "failed")]
    lines: int
    labelled: int
    unchanged: int
    failed: int
    errors: list[LineError]
    dry_run: NotRequired[bool]
    matched: NotRequired[int]
    unknown: NotRequired[int]
    contradicting: NotRequired[int]
    contradictions: NotRequired[list[Contradiction]]


def label_response(transaction_id: str, history: History) -> LabelResponse:
    """Returns a transaction's labels as they are now."""
    now = in_force(history)
    newest = sorted(history, key=lambda one: one.recorded_at, reverse=True)
    return {
        "status": "success",
        "message": f"The label in force is {now.label.truth}" if now else "No label is in force",
        "transaction_id": transaction_id,
        "label": label_object(now) if now else None,
        "history": [label_object(one) for one in newest[:SHOWN_RECORDS]],
    }


def labels_response(lines: Sequence[LabelLine | RefusedLine], done: Sequence[LabelOutcome]) -> LabelsResponse:
    """Returns what became of each line of a file; `done` are the results of the readable ones, in order."""
    results = iter(done)
    outcomes = [line if isinstance(line, RefusedLine) else _bad(line, next(results)) for line in lines]
    counts = Counter(result for result in done if isinstance(result, LabelResult))
    errors = [_error(line) for line in outcomes if line is not None]
    status = "success" if not errors else "partial" if len(errors) < len(lines) else "failed"
    return {
        "status": status,
        "lines": len(lines),
        "labelled": counts[LabelResult.NEW],
        "unchanged": counts[LabelResult.KNOWN],
        "failed": len(errors),
        "errors": errors,
    }


def dry_run_response(lines: Sequence[LabelLine | RefusedLine], tried: Sequence[TriedLine]) -> LabelsResponse:
    """Returns what each line of a file would do; `tried` are the readable ones, in order."""
    unknown = Fault("/transaction_id", "There is no transaction of this id", NotFound.code)
    found = {one.line.number: one for one in tried}
    errors = [
        _error(line if isinstance(line, RefusedLine) else RefusedLine(line.number, line.transaction_id, unknown))
        for line in lines
        if isinstance(line, RefusedLine) or found[line.number].transaction_id is None
    ]
    against: list[Contradiction] = [
        {
            "line": one.line.number,
            "transaction_id": one.transaction_id,
            "label": one.line.label.truth,
            "against": one.against,
        }
        for one in tried
        if one.against is not None
    ]
    return {
        "status": "success" if not errors else "partial" if len(errors) < len(lines) else "failed",
        "lines": len(lines),
        "labelled": 0,
        "unchanged": sum(one.is_known for one in tried),
        "failed": len(errors),
        "errors": errors,
        "dry_run": True,
        "matched": sum(one.transaction_id is not None for one in tried),
        "unknown": sum(one.transaction_id is None for one in tried),
        "contradicting": len(against),
        "contradictions": against[:SHOWN_RECORDS],
    }


def file_entry(body: bytes, response: LabelsResponse, by: Author, at: datetime) -> AuditEntry | None:
    """The audit log's entry of a file: the digest of what was sent, and what became of its lines.

    None where no line was recorded, now or before: a file whose entry could not be written is sent again.
    """
    if response["status"] == "failed":
        return None
    counts = {name: response[name] for name in ("lines", "labelled", "unchanged", "failed")}
    after = sha256(body).hexdigest()
    return AuditEntry(at, by, "label_file", "recorded", SUBJECT, after=after, counts=counts)


def labels_result(response: LabelsResponse) -> Result:
    """Returns the request's result: done when any line was."""
    return Result.ALL_FAILED if response["status"] == "failed" else Result.DONE


def _bad(line: LabelLine, result: LabelOutcome) -> RefusedLine | None:
    return None if isinstance(result, LabelResult) else RefusedLine(line.number, line.transaction_id, result)


def _error(line: RefusedLine) -> LineError:
    return {
        "line": line.number,
        "transaction_id": line.transaction_id,
        "code": line.fault.code,
        "detail": f"{line.fault.pointer.removeprefix('/')}: {line.fault.detail}".removeprefix(": "),
    }


def label_object(one: RecordedLabel) -> LabelEntry:
    """A label as the API shows it."""
    entry: LabelEntry = {
        "label": one.label.truth,
        "source": one.label.source,
        "labelled_at": timestamp(one.label.labelled_at),
        "recorded_at": timestamp(one.recorded_at),
        "by": one.by,
        "undone_at": timestamp(one.undone_at) if one.undone_at else None,
    }
    if one.actor:
        entry["actor"] = one.actor
    return entry
