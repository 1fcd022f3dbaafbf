"""Files without erased accounts, as their rows stream: those of transactions, and those of refusals and leftovers."""

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from fraudshield.batch.byte_range import blocks
from fraudshield.batch.header import ADDED
from fraudshield.errors import Fault
from fraudshield.text.csv_cell import NUMBER, unguarded
from fraudshield.text.csv_format import CsvFormat
from fraudshield.text.csv_line import read_cells
from fraudshield.text.mention import Mentions, without_cut
from fraudshield.text.timestamp import RFC_3339
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.field import NUMBERS, REQUIRED

SENDER, RECIPIENT, ID, TYPE, TIME, REASON = (
    "nameOrig",
    "nameDest",
    "transaction_id",
    "type",
    "occurred_at",
    "reason",
)
IDS = {ID, "stored_as"}
OURS = set(ADDED) - IDS  # what we wrote behind the rows: it repeats nothing of them
TYPES = {"PAYMENT", "TRANSFER", "CASH_OUT", "CASH_IN", "DEBIT"}


@dataclass
class Redaction:
    """Rewrites the rows of one file as they stream, and counts its changes. Lines that are no rows are searched too.

    A row that an erased account sent is removed. In any other cell its pseudonym replaces it, unless the cell is what
    its column asks for: an account may be called `1`. An id is one only as a whole.
    """

    format: CsvFormat
    mentions: Mentions
    senders: Collection[str] = ()  # columns that name the sender in event types that the file may be of
    removed: int = 0
    renamed: int = 0

    def head(self, content: bytes) -> bytes:
        """The header, where a column may be called like an account. Columns that a row must have never are."""
        names = [name if self._is_ours(name) else self.mentions.replaced(name) for name in self.format.names]
        if names == list(self.format.names):
            return content
        self.renamed += 1
        end = content[len(content.rstrip(b"\r\n")) :]
        return _joined(names).encode(errors="surrogateescape") + end

    def rows(self, stream: Iterable[bytes]) -> Iterator[bytes]:
        """Yields the rows that stay, unchanged but for pseudonyms. A line longer than a block is removed unread."""
        end = self.format.line_end
        for block in blocks(stream, end, self.format.body):
            if block.too_long:
                self.removed += 1
                continue
            *lines, last = block.content.split(end)
            kept = [kept + end for line in lines if (kept := self._line(line)) is not None]
            if last and (rest := self._line(last)) is not None:
                kept.append(rest)
            yield b"".join(kept)

    @property
    def changed(self) -> bool:
        """Whether the file named an erased account."""
        return bool(self.removed or self.renamed)

    def _line(self, line: bytes) -> bytes | None:
        """Rewrites a line; None where an erased account sent it. Carriage returns around it are of its end."""
        whole = line.decode(errors="surrogateescape")
        text = whole.strip("\r\n")
        before, _, after = whole.partition(text) if text else (whole, "", "")
        cells = _cells(text)
        if cells is None or len(cells) != len(self.format.names):
            return None if self._is_named(text, cells or ()) else line
        if self._is_sent(cells):
            self.removed += 1
            return None
        made = [self._cell(name, cell) for name, cell in zip(self.format.names, cells, strict=True)]
        if made == cells:
            return line
        self.renamed += 1
        return (before + _joined(made) + after).encode(errors="surrogateescape")

    def _is_named(self, text: str, cells: Sequence[str]) -> bool:
        """Whether a line that is no row mentions an erased account, quoted or not; it is then removed."""
        named = any(map(self.mentions.found, (*cells, text, text.replace('""', '"'), *text.split(","))))
        self.removed += named
        return named

    def _is_sent(self, cells: Sequence[str]) -> bool:
        each = zip(self.format.names, cells, strict=True)
        return any(
            self.mentions.name(cell) is not None for name, cell in each if name == SENDER or name in self.senders
        )

    def _cell(self, column: str, cell: str) -> str:
        if not cell or column in OURS or _is_as_asked(column, cell):
            return cell
        if column == RECIPIENT or column in IDS:
            name = self.mentions.name(cell)
            return cell if name is None else self.mentions.pseudonym(name)
        if column == REASON:
            return self.mentions.replaced(without_cut(cell))
        return self.mentions.replaced(cell)

    @staticmethod
    def _is_ours(column: str) -> bool:
        return column in BuiltInTransaction.model_fields or column in REQUIRED or column in ADDED


def _is_as_asked(column: str, cell: str) -> bool:
    """Whether a cell is what its column asks for, which names nobody."""
    if column in NUMBERS or column == "line":
        return bool(NUMBER.fullmatch(unguarded(cell)))
    if column == TYPE:
        return cell in TYPES
    return column == TIME and bool(RFC_3339.fullmatch(cell))


def _cells(text: str) -> list[str] | None:
    """Splits a line into cells; None where it is not CSV."""
    cells = read_cells(text)
    return None if isinstance(cells, Fault) else list(cells)


def _joined(cells: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(cells)
    return written.getvalue()
