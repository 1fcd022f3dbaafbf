"""What is sent about lists: a list itself, a value for it, and a file of values, read line by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from fraudshield.errors import Fault, Malformed
from fraudshield.text import csv_line
from fraudshield.text.card_number import is_card_number, says_card
from fraudshield.text.csv_cell import unguarded
from fraudshield.text.csv_table import CsvTable, no_line, read_table
from fraudshield.text.fault import faults_of, read_object
from fraudshield.text.query import PageQuery
from fraudshield.transaction.transaction import Instant
from fraudshield.value_list.value_list import Addition, ListedValue, ListKind, Remark, ValueList

COLUMNS = ("value", "note", "expires_at")
INVALID = "invalid_entry"
AHEAD = Fault("/expires_at", "Input should lie ahead of now", "not_ahead")
CARD = Fault("/value", "Input should be a token or a fingerprint of the card, never its number", "card_number")
TWICE = Fault("/value", "An earlier line has this value already", "value_twice")


class ListRequest(BaseModel):
    """A list: of which kind its values are, and what it is for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ListKind
    description: Remark = ""


class EntryRequest(BaseModel):
    """A value for a list; without `expires_at` it stays until it is removed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: ListedValue
    note: Remark = ""
    expires_at: Instant | None = None


class EntriesQuery(PageQuery):
    """The entries that count; with `value` the one of that value, whether it counts or left the list lately."""

    value: ListedValue | None = None


@dataclass(frozen=True, slots=True)
class EntryLine:
    """A line of a file with a value for the list; the header is line 1."""

    number: int
    addition: Addition


@dataclass(frozen=True, slots=True)
class RefusedEntryLine:
    """A line whose value was not added, and why."""

    number: int
    fault: Fault


def read_list(body: object) -> ListRequest:
    """A list as it was sent. Raises Malformed: no object; InvalidInput: with a fault per field."""
    return read_object(body, ListRequest, "a kind", "The list is not valid", "invalid_list")


def read_entry(body: object) -> EntryRequest:
    """A value as it was sent. Raises Malformed: no object; InvalidInput: with a fault per field."""
    return read_object(body, EntryRequest, "a value", "The entry is not valid", INVALID)


def addition_of(sent: EntryRequest, of: ValueList, now: datetime) -> Addition | Fault:
    """What is to be added, or why it cannot be."""
    if (says_card(of.name) or says_card(of.kind)) and is_card_number(sent.value):
        return CARD
    if sent.expires_at is not None and sent.expires_at <= now:
        return AHEAD
    return Addition(sent.value, sent.note, sent.expires_at)


def read_entries(body: bytes, of: ValueList, now: datetime) -> list[EntryLine | RefusedEntryLine]:
    """Reads the lines after a header `value,note,expires_at`, of which only the first column must be there.

    Raises:
        Malformed: no CSV, an unknown or repeated column, no line.
        TooLarge: there are more than 10,000, or a gzip unpacks to more than a body may have.
    """
    table = read_table(body, "which one call cannot take; cut it in two, or use `fraudshield lists load`")
    columns = _columns(table)
    values: set[str] = set()
    found: list[EntryLine | RefusedEntryLine] = []
    for number, line in table.lines:
        read = _line(line, columns, of, now)
        if read is None:
            continue
        if isinstance(read, Addition) and read.value in values:
            read = TWICE
        if isinstance(read, Addition):
            values.add(read.value)
            found.append(EntryLine(number, read))
        else:
            found.append(RefusedEntryLine(number, read))
    if not found:
        raise no_line()
    return found


def _columns(table: CsvTable) -> Sequence[str]:
    named = [name for name in table.columns if name]  # a spreadsheet adds columns without a name
    if "value" not in named or set(named) - set(COLUMNS) or len(set(named)) < len(named):
        says = f"The first line should name the column value and, if wanted, note,expires_at, each once; {table.found}"
        raise Malformed(says, code="not_csv")
    return table.columns


def _line(line: str | Fault, columns: Sequence[str], of: ValueList, now: datetime) -> Addition | Fault | None:
    row = csv_line.read_row(line, len(columns))
    if isinstance(row, Fault):
        return row
    cells = {name: cell.strip() for name, cell in zip(columns, row, strict=False) if name and cell.strip()}
    if not row or not cells:
        return None
    sent = {"value": ""} | {name: unguarded(cell) for name, cell in cells.items()}
    try:
        return addition_of(EntryRequest.model_validate(sent), of, now)
    except ValidationError as exc:
        return faults_of(exc, sent=sent)[0]
