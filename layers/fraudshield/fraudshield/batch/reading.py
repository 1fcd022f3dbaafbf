"""Parsing blocks of a file: which lines are rows, which are refused and why, and which repeat an earlier id."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from pydantic_core import PydanticCustomError

from fraudshield.batch import columns
from fraudshield.batch.byte_range import Block
from fraudshield.batch.columns import Cells, RefusedRow, Rows
from fraudshield.batch.header import Header
from fraudshield.errors import Fault, InvalidInput
from fraudshield.predictor.columns import Booleans, Floats
from fraudshield.text.csv_line import TOO_LONG, decoded_lines, is_plain, read_row
from fraudshield.text.fault import SHOWN
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.field import MONEY, OPTIONAL
from fraudshield.transaction.transaction import instant

# Values within these bounds are good; `read_row` decides on all others.
LARGEST, LAST_STEP = 10.0**15, 10.0**9
NAME_CHARACTERS, ID_CHARACTERS = 64, 128
PLACES = frozenset({".", ".."})  # no ids: see `text.pattern.ID`
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Columns that are read as a whole. A row with a value in another column is read by itself.
READ_AT_ONCE = {"transaction_id", "step", "type", "nameOrig", "nameDest", "occurred_at", *MONEY}
NAMELESS = "none"  # the id of a row that is only checked
REMEMBERED = 250_000  # ids: more than a plain chunk has rows. Of a gzip, at least the last so many are known.


@dataclass(frozen=True, slots=True)
class ParsedBlock:
    """A block's good rows, the refused ones, and its number of lines; an empty line is no row."""

    rows: Rows
    refused: Sequence[RefusedRow]
    lines: int


def parse(block: Block, line_end: bytes, header: Header) -> ParsedBlock:
    """Parses every line of the block to a row or a refusal; empty lines are only counted."""
    texts = [TOO_LONG] if block.too_long else decoded_lines(block.content, line_end)
    lines, cells, refused = cells_of(texts, len(header.names))
    rows, good = _columns(header, lines, [text for text in (texts[i] for i in lines) if isinstance(text, str)], cells)
    for at in np.flatnonzero(~good).tolist():
        seen = _look_at(rows, at) if any(rows.cells[at]) else ()  # with no cell filled it is an empty line
        good[at] = isinstance(seen, BuiltInTransaction)
        if seen and not isinstance(seen, BuiltInTransaction):
            refused.append(RefusedRow(lines[at], seen))
    return ParsedBlock(rows.where(good), sorted(refused, key=lambda one: one.line), len(texts))


class Repeats:
    """Refuses rows whose id an earlier row of the chunk had; one object for a chunk."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._recent: set[str] = set()
        self._older: set[str] = set()

    def refuse(self, rows: Rows) -> tuple[Rows, list[RefusedRow]]:
        """Splits rows into those with a new id and refusals of the others. A row without an id is never a repeat."""
        if "transaction_id" not in rows.header.positions:
            return rows, []
        ids = rows.column("transaction_id")
        fresh = set(ids)
        if len(fresh) == len(ids) and not (fresh & self._recent) and not (fresh & self._older) and "" not in fresh:
            self._remember(fresh)
            return rows, []
        return self._one_by_one(rows, ids)

    def _one_by_one(self, rows: Rows, ids: Sequence[str]) -> tuple[Rows, list[RefusedRow]]:
        good = np.ones(len(ids), np.bool_)
        refused = []
        fresh: set[str] = set()
        for at, name in enumerate(ids):
            if name and (name in fresh or name in self._recent or name in self._older):
                good[at] = False
                refused.append(RefusedRow(rows.lines[at], (_repeated("/transaction_id", name),)))
            elif name:
                fresh.add(name)
        self._remember(fresh)
        return rows.where(good), refused

    def fault_of(self, pointer: str, name: str) -> Fault | None:
        """The fault of the next row, which has this id, where an earlier one had it; else it is remembered."""
        if name in self._recent or name in self._older:
            return _repeated(pointer, name)
        self._remember({name})
        return None

    def _remember(self, fresh: set[str]) -> None:
        if len(self._recent) >= self._remembered:
            self._recent, self._older = set(), self._recent
        self._recent |= fresh


def _repeated(pointer: str, name: str) -> Fault:
    return Fault(pointer, f"{name[:SHOWN]!r} stands in an earlier row already; expected each once", "duplicate_id")


def cells_of(texts: Sequence[str | Fault], width: int) -> tuple[Sequence[int], list[Cells], list[RefusedRow]]:
    """Returns the numbers of the lines that are rows of `width` cells, their cells, and the refusals of the others."""
    plain: list[Cells] = [text.split(",") for text in texts if isinstance(text, str) and is_plain(text)]
    if len(plain) == len(texts) and set(map(len, plain)) <= {width}:
        return range(len(texts)), plain, []
    lines: list[int] = []
    cells: list[Cells] = []
    refused: list[RefusedRow] = []
    for line, text in enumerate(texts):
        row = read_row(text, width)
        if isinstance(row, Fault):
            refused.append(RefusedRow(line, (row,)))
        elif row:
            lines.append(line)
            cells.append(row)
    return lines, cells, refused


def _columns(
    header: Header, lines: Sequence[int], texts: Sequence[str], cells: Sequence[Cells]
) -> tuple[Rows, Booleans]:
    """Reads all rows as columns, and says which of them are good without a closer look."""
    by_position = list(zip(*cells, strict=True)) if cells else [()] * len(header.names)
    column = {name: by_position[position] for name, position in header.positions.items()}
    codes, good = columns.types(column["type"])
    money: dict[str, Floats] = {}
    for name in MONEY:
        money[name], plain = columns.numbers(column[name])
        good &= plain & (np.abs(money[name]) < LARGEST)
    good &= (money["amount"] >= 0) & _steps(column["step"])
    for name in ("nameOrig", "nameDest"):
        good &= columns.texts(column[name], 1, NAME_CHARACTERS)
    if "transaction_id" in column:
        good &= _ids(column["transaction_id"])
    occurred_at, readable = _instants(column.get("occurred_at", ()), len(cells))
    for name in column.keys() - READ_AT_ONCE:
        good &= np.fromiter((name in OPTIONAL and not one for one in column[name]), np.bool_, len(cells))
    return Rows(header, lines, texts, cells, codes, money, occurred_at), good & readable


def _ids(cells: Cells) -> Booleans:
    good = columns.texts(cells, 0, ID_CHARACTERS)
    if not PLACES.isdisjoint(cells):
        good &= np.fromiter((cell not in PLACES for cell in cells), np.bool_, len(cells))
    return good


def _steps(cells: Cells) -> Booleans:
    steps, plain = columns.numbers(cells)
    whole = np.fromiter(map(_is_whole, cells), np.bool_, len(cells)) if "." in "".join(cells) else True
    return plain & whole & (steps >= 0) & (steps <= LAST_STEP)


def _is_whole(cell: str) -> bool:
    """Whether a plain number has nothing but zeros behind its point: data frames write 1 as 1.0."""
    return not cell.partition(".")[2].strip("0")


def _instants(cells: Cells, rows: int) -> tuple[list[datetime | None], Booleans]:
    good = np.ones(rows, np.bool_)
    found: list[datetime | None] = []
    for at, text in enumerate(cells):
        try:
            found.append(instant(text) if text else None)
        except PydanticCustomError:
            found.append(None)
            good[at] = False
        else:
            good[at] = not text or (found[-1] or EPOCH) >= EPOCH
    return found, good


def _look_at(rows: Rows, at: int) -> BuiltInTransaction | tuple[Fault, ...]:
    """Reads one row by itself; if it is good, its numbers are put into the columns."""
    try:
        seen = rows.transaction(at, lambda _: NAMELESS)
    except InvalidInput as exc:
        return exc.faults
    rows.type_codes[at] = columns.TYPE_CODES[seen.type]
    for name, values in rows.money.items():
        values[at] = float(getattr(seen, name))
    return seen
