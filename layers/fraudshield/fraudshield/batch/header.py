"""The header of a file, and the rows below it as text."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from fraudshield.errors import Fault, InvalidInput, Malformed
from fraudshield.text.csv_cell import NUMBER, WHOLE
from fraudshield.text.csv_format import described
from fraudshield.text.fault import SHOWN
from fraudshield.text.strict_json import spelled_number
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.field import NUMBERS, OPTIONAL, REQUIRED
from fraudshield.transaction.parser import read_transaction

MOST_COLUMNS = 1000
# Behind the columns of a file in its results.
ADDED = ("risk", "prediction", "decision", "reasons", "model_version", "policy_version", "degraded", "stored_as")


@dataclass(frozen=True, slots=True)
class Header:
    """All columns in the file's order, and the positions of those that a transaction has."""

    names: tuple[str, ...]
    positions: Mapping[str, int]

    def own(self, cells: Sequence[str]) -> dict[str, str]:
        """Returns a row's cells by column, without columns that no transaction has."""
        return {column: cells[position] for column, position in self.positions.items()}


def header_of(names: Sequence[str], name: str) -> Header:
    """Makes a header of these column names. What no transaction has passes through, unnamed and doubled ones too.

    Raises:
        Malformed: as `has_columns`.
    """
    has_columns(names, REQUIRED, BuiltInTransaction.model_fields, name)
    positions = {column: position for position, column in enumerate(names) if column in BuiltInTransaction.model_fields}
    return Header(tuple(names), positions)


def has_columns(names: Sequence[str], required: Iterable[str], known: Iterable[str], file: str) -> None:
    """Checks the columns of a file; `file` is for messages.

    Raises:
        Malformed: a required column is missing, a known one stands twice, or there are too many.
    """
    counts = Counter(names)
    if missing := [column for column in required if column not in counts]:
        raise Malformed(f"{file} has no column {', '.join(missing)}; {described(names)}", code="missing_columns")
    if twice := sorted(column for column in known if counts[column] > 1):
        raise Malformed(f"{file} has the column {twice[0][:SHOWN]!r} twice", code="duplicate_column")
    if len(names) > MOST_COLUMNS:
        raise Malformed(f"{file} has {len(names)} columns, at most {MOST_COLUMNS} are taken", code="too_many_columns")


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


def read_row(cells: Mapping[str, str], name: str) -> BuiltInTransaction:
    """Reads the transaction in these cells (by column); where the id is empty, it gets the id `name`.

    Raises:
        InvalidInput: with a fault per column.
    """
    sent: dict[str, object] = {
        column: number_in(cell) if column in NUMBERS else cell
        for column, cell in cells.items()
        if cell or column not in OPTIONAL
    }
    sent.setdefault("transaction_id", name)
    try:
        return read_transaction(sent, "")
    except InvalidInput as exc:
        raise InvalidInput(str(exc), [as_in_a_file(fault) for fault in exc.faults], exc.code) from exc


def number_in(cell: str) -> object:
    """Reads a number exactly; a cell that is not spelled as a number stays text, and is refused as such."""
    if not NUMBER.fullmatch(cell):
        return cell
    return int(cell) if WHOLE.fullmatch(cell) else spelled_number(cell)


def as_in_a_file(fault: Fault) -> Fault:
    """The fault of a cell in words that say nothing of JSON."""
    return Fault(fault.pointer, fault.detail.replace("a JSON number", "a number such as 1000.00"), fault.code)
