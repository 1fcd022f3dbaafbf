"""The header of a file, and the rows below it as text."""

import csv
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from fraudshield.errors import Fault, InvalidInput, Malformed
from fraudshield.scoring.request import read_transaction
from fraudshield.text.csv_cell import NUMBER, WHOLE
from fraudshield.text.encoding import FOUND, NOT_UTF8, is_intact
from fraudshield.text.fault import SHOWN
from fraudshield.transaction.field import NUMBERS, OPTIONAL, REQUIRED
from fraudshield.transaction.transaction import Transaction

MOST_COLUMNS = 1000
SEPARATORS = ((";", "semicolons"), ("\t", "tabs"), ("|", "bars"))


@dataclass(frozen=True, slots=True)
class Header:
    """All columns in the file's order, and the positions of those that a transaction has."""

    names: tuple[str, ...]
    positions: Mapping[str, int]

    def own(self, cells: Sequence[str]) -> dict[str, str]:
        """Returns a row's cells by column, without columns that no transaction has."""
        return {column: cells[position] for column, position in self.positions.items()}


def read_header(line: str, name: str) -> Header:
    """Reads the columns in a line without its end; `name` is the file's, for messages. Raises Malformed."""
    try:
        names = next(csv.reader([line], strict=True), [])
    except csv.Error as exc:
        raise Malformed(f"{name} is not a CSV: line 1: {exc}", code="not_csv") from exc
    return header_of(names, name)


def header_of(names: Sequence[str], name: str) -> Header:
    """Makes a header of these column names.

    Raises:
        Malformed: no column, one that is no UTF-8, a missing one or one that stands twice; the message says what was
            found and expected.
    """
    if not any(names):
        raise Malformed(f"{name} is empty, or its first line is; expected column names there", code="no_header")
    if not all(map(is_intact, names)):
        raise Malformed(f"{name} is not UTF-8: {FOUND} in line 1; save it as UTF-8", code=NOT_UTF8)
    if missing := [column for column in REQUIRED if column not in names]:
        raise Malformed(f"{name} has no column {', '.join(missing)}; {_found(names)}", code="missing_columns")
    if twice := sorted({column for column in names if names.count(column) > 1}):
        raise Malformed(f"{name} has the column {twice[0][:SHOWN]!r} twice", code="duplicate_column")
    if len(names) > MOST_COLUMNS:
        raise Malformed(f"{name} has {len(names)} columns, at most {MOST_COLUMNS} are taken", code="too_many_columns")
    positions = {column: position for position, column in enumerate(names) if column in Transaction.model_fields}
    return Header(tuple(names), positions)


def renamed(names: Sequence[str], ours: Collection[str]) -> list[str]:
    """Renames columns that are called like one of `ours`: they get `input_` before their name."""
    taken = {*ours, *names}
    changed = []
    for name in names:
        new = name
        while new in ours or (new != name and new in taken):
            new = f"input_{new}"
        changed.append(new)
    return changed


def _found(names: Sequence[str]) -> str:
    text = ",".join(names)
    if len(names) == 1:
        for separator, said in SEPARATORS:
            if separator in text:
                return f"line 1 is separated by {said}, expected commas"
    return f"line 1 has {text[:SHOWN]!r}"


def read_row(cells: Mapping[str, str], name: str) -> Transaction:
    """Reads the transaction in these cells (by column); where the id is empty, it gets the id `name`.

    Raises:
        InvalidInput: with a fault per column.
    """
    sent = {column: _value(column, cell) for column, cell in cells.items() if cell or column not in OPTIONAL}
    sent.setdefault("transaction_id", name)
    try:
        return read_transaction(sent, "")
    except InvalidInput as exc:
        raise InvalidInput(str(exc), [_as_in_a_file(fault) for fault in exc.faults], exc.code) from exc


def _value(column: str, cell: str) -> object:
    """Reads a number exactly; a cell that is not spelled as a number stays text, and is refused as such."""
    if column not in NUMBERS or not NUMBER.fullmatch(cell):
        return cell
    return int(cell) if WHOLE.fullmatch(cell) else Decimal(cell)


def _as_in_a_file(fault: Fault) -> Fault:
    return Fault(fault.pointer, fault.detail.replace("a JSON number", "a number such as 1000.00"), fault.code)
