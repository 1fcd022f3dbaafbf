"""A file of labels: CSV, read line by line, so that a bad line fails alone."""

import csv
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from fraudshield.errors import Fault, InvalidInput, Malformed, TooLarge
from fraudshield.label.label import Label, read_label
from fraudshield.text.encoding import FOUND, NOT_UTF8, REPLACEMENT, is_intact
from fraudshield.text.fault import SHOWN, faults_of
from fraudshield.transaction.transaction import TransactionId

MAX_LINES = 10_000
COLUMNS = ("transaction_id", "label", "source", "labelled_at")
NEEDED = {"transaction_id", "label"}
TRANSACTION_ID: TypeAdapter[str] = TypeAdapter(TransactionId)


@dataclass(frozen=True, slots=True)
class LabelLine:
    """A line with a label; `number` counts the file's lines from 1, the header's included."""

    number: int
    transaction_id: str
    label: Label


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line whose label was not recorded, and why."""

    number: int
    transaction_id: str | None
    fault: Fault


def read_lines(body: bytes, now: datetime) -> list[LabelLine | RefusedLine]:
    """Reads the lines after the header; empty ones are skipped. An empty field counts as left out.

    Raises:
        Malformed: no header or one that is no UTF-8, an unknown or repeated column, no line.
        TooLarge: there are more than `MAX_LINES`.
    """
    # "replace", as API Gateway has done it already with bytes that are no UTF-8: such a line is refused alone
    text = body.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    header, *rest = text.split("\n")  # not splitlines: an id may hold what Unicode calls a line separator
    columns = _columns(header)
    lines = [(number, line) for number, line in enumerate(rest, start=2) if line.strip()]
    if not lines:
        raise Malformed("The file has no line after its header", code="not_csv")
    if len(lines) > MAX_LINES:
        raise TooLarge(f"{len(lines)} lines in one file, at most {MAX_LINES} are taken", code="too_many_lines")
    return [_line(number, line, columns, now) for number, line in lines]


def _columns(header: str) -> list[str]:
    if not is_intact(header):
        at = len(header.partition(REPLACEMENT)[0].encode())
        raise Malformed(f"The file is not UTF-8: byte {at} cannot be read", code="not_csv")
    columns = [name.strip() for name in _fields(header) or []]
    if not set(columns) >= NEEDED or set(columns) - set(COLUMNS) or len(set(columns)) < len(columns):
        raise Malformed(
            f"The first line should name the columns transaction_id,label and, if wanted, source,labelled_at, "
            f"each once; found {header[:SHOWN]!r}",
            code="not_csv",
        )
    return columns


def _line(number: int, line: str, columns: list[str], now: datetime) -> LabelLine | RefusedLine:
    fields = _fields(line)
    if fields is None or len(fields) != len(columns):
        found = "quotes that do not close" if fields is None else f"{len(fields)} fields"
        return RefusedLine(number, None, Fault("", f"Expected {len(columns)} fields, found {found}", "not_csv"))
    if not is_intact(line):
        return RefusedLine(number, None, Fault("", f"The line is not UTF-8: {FOUND} in it", NOT_UTF8))
    cells = dict(zip(columns, fields, strict=True))
    transaction_id = cells.pop("transaction_id")  # as it stands: an id may begin or end with a blank
    sent = {name: value.strip() for name, value in cells.items() if value.strip()}
    try:
        TRANSACTION_ID.validate_python(transaction_id)
    except ValidationError as exc:
        return RefusedLine(number, None, faults_of(exc, "/transaction_id", transaction_id)[0])
    try:
        return LabelLine(number, transaction_id, read_label({"source": "import"} | sent, now))
    except InvalidInput as exc:
        return RefusedLine(number, transaction_id, exc.faults[0])


def _fields(line: str) -> list[str] | None:
    """Returns the fields; None where the line is no CSV. A quoted field cannot continue on the next line."""
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error:
        return None
