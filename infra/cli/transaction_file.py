"""A CSV of transactions as a stream: each row is a transaction, or what is wrong with it and on which line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from fraudshield.batch.header import header_of, read_row
from fraudshield.errors import Fault, InvalidInput
from fraudshield.text import csv_line
from fraudshield.text.csv_format import SAMPLE_BYTES, open_csv
from fraudshield.transaction.built_in import BuiltInTransaction

MOST_UNPACKED_BYTES = 1 << 40  # nothing is held, so a large gzip only takes long


@dataclass(frozen=True, slots=True)
class TransactionRow:
    """`line` is its number; the header is line 1. `cells` are as they stand in the file, none where unreadable."""

    line: int
    cells: tuple[str, ...]
    content: BuiltInTransaction | tuple[Fault, ...]


class TransactionFile:
    """Iterate once. It is read as a job reads it (`fraudshield.text.csv_format`), line by line as they come.

    Columns may come in any order; those that no transaction has are left to the caller in `cells`.
    A transaction without an id is called after its line.

    Raises:
        Malformed: at once if the file is no CSV of transactions; while iterating if it is a gzip that is damaged.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.name = name
        pieces = iter(partial(file.readline, SAMPLE_BYTES), b"")  # a pipe's lines are there before its end
        found, rows = open_csv(pieces, name, MOST_UNPACKED_BYTES)
        header = header_of(found.names, name)
        self.header = header.names
        self._positions = header.positions
        self._lines = csv_line.lines(rows, found.line_end)

    def __iter__(self) -> Iterator[TransactionRow]:
        for number, line in enumerate(self._lines, start=2):
            cells = csv_line.read_cells(line) if isinstance(line, str) else line
            if isinstance(cells, Fault):
                yield TransactionRow(number, (), (cells,))
            elif any(cells):
                yield TransactionRow(number, tuple(cells), self._content(number, cells))

    def _content(self, line: int, cells: Sequence[str]) -> BuiltInTransaction | tuple[Fault, ...]:
        if fault := csv_line.wrong_length(cells, len(self.header)):
            return (fault,)
        sent = {name: cells[i] for name, i in self._positions.items()}
        try:
            return read_row(sent, f"line-{line}")
        except InvalidInput as exc:
            return exc.faults
