"""A CSV of transactions as a stream: each row is a transaction, or what is wrong with it and on which line."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from fraudshield.batch.header import Header, header_of, read_row
from fraudshield.errors import Fault, InvalidInput, Malformed
from fraudshield.transaction.transaction import Transaction

MAX_LINE_BYTES = 1 << 20  # keeps the memory constant whatever the file is


@dataclass(frozen=True, slots=True)
class TransactionRow:
    """`line` is where it starts; the header is line 1. `cells` are as they stand in the file, none where unreadable."""

    line: int
    cells: tuple[str, ...]
    content: Transaction | tuple[Fault, ...]


class TransactionFile:
    """Iterate once. Columns may come in any order; those that no transaction has are left to the caller in `cells`.

    A transaction without an id is called after its line.

    Raises:
        Malformed: at once if the header does not do, while iterating if a line is not UTF-8 or endless.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.name = name
        self._reader = csv.reader(_lines(file, name), strict=True)
        header = self._header()
        self.header = header.names
        self._positions = header.positions

    def __iter__(self) -> Iterator[TransactionRow]:
        while True:
            line = self._reader.line_num + 1
            try:
                cells = tuple(next(self._reader))
            except StopIteration:
                return
            except csv.Error as exc:
                yield TransactionRow(line, (), (self._unreadable(line, exc),))
                continue
            if cells:
                yield TransactionRow(line, cells, self._content(line, cells))

    def _header(self) -> Header:
        try:
            names = next(self._reader, [])
        except csv.Error as exc:
            raise Malformed(f"{self.name} is not a CSV: line 1: {exc}") from exc
        return header_of(names, self.name)

    def _unreadable(self, line: int, exc: csv.Error) -> Fault:
        """A quote that is never closed takes the lines below with it; say which."""
        last = self._reader.line_num
        lost = f"; lines {line} to {last} were lost to it" if last > line else ""
        return Fault("", f"not CSV: {exc}{lost}", "not_csv")

    def _content(self, line: int, cells: Sequence[str]) -> Transaction | tuple[Fault, ...]:
        if len(cells) != len(self.header):
            return (Fault("", f"{len(cells)} cells, expected {len(self.header)} as in line 1", "row_length"),)
        sent = {name: cells[i] for name, i in self._positions.items()}
        try:
            return read_row(sent, f"line-{line}")
        except InvalidInput as exc:
            return exc.faults


def _lines(file: BinaryIO, name: str) -> Iterator[str]:
    number = 0
    while raw := file.readline(MAX_LINE_BYTES):
        number += 1
        if len(raw) == MAX_LINE_BYTES and not raw.endswith(b"\n"):
            raise Malformed(f"{name} is not a CSV: line {number} is over {MAX_LINE_BYTES:,} bytes long")
        try:
            yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as exc:
            found = (
                "UTF-16" if number == 1 and raw[:2] in (b"\xff\xfe", b"\xfe\xff") else f"byte 0x{raw[exc.start]:02x}"
            )
            raise Malformed(f"{name} is not UTF-8: line {number}, found {found}; save it as UTF-8") from exc
