"""A file of labels: CSV, read line by line, so that a bad line fails alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from fraudshield.errors import Fault, InvalidInput, Malformed
from fraudshield.label.label import Label, read_label
from fraudshield.text import csv_line
from fraudshield.text.csv_table import CsvTable, no_line, read_table
from fraudshield.text.fault import faults_of
from fraudshield.transaction.transaction import StoredTransactionId

COLUMNS = ("transaction_id", "label", "source", "labelled_at")
NEEDED = {"transaction_id", "label"}
TRANSACTION_ID: TypeAdapter[str] = TypeAdapter(StoredTransactionId)


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
        Malformed: no CSV, no header, an unknown or repeated column, no line.
        TooLarge: there are more than 10,000, or a gzip unpacks to more than a body may have.
    """
    table = read_table(body, "which one call cannot take; cut it in two")
    columns = _columns(table)
    found_lines = [read for number, line in table.lines if (read := _line(number, line, columns, now)) is not None]
    if not found_lines:
        raise no_line()
    return found_lines


def _columns(table: CsvTable) -> Sequence[str]:
    columns = table.columns
    named = [name for name in columns if name]  # a spreadsheet adds columns without a name
    if not set(named) >= NEEDED or set(named) - set(COLUMNS) or len(set(named)) < len(named):
        raise Malformed(
            f"The first line should name the columns transaction_id,label and, if wanted, source,labelled_at, "
            f"each once; {table.found}",
            code="not_csv",
        )
    return columns


def _line(number: int, line: str | Fault, columns: Sequence[str], now: datetime) -> LabelLine | RefusedLine | None:
    fields = csv_line.read_row(line, len(columns))
    if isinstance(fields, Fault):
        code = "not_csv" if fields.code == "row_length" else fields.code
        return RefusedLine(number, None, Fault("", fields.detail, code))
    if not fields:
        return None
    cells = {name: cell for name, cell in zip(columns, fields, strict=True) if name}
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
