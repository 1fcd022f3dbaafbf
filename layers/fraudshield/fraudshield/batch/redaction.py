"""A file without the rows of erased accounts: theirs are gone, in others' rows to them stands a pseudonym."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from fraudshield.batch.form import Form
from fraudshield.batch.line import blocks

SENDER, RECIPIENT = "nameOrig", "nameDest"
GUARD = "'"  # before what a spreadsheet would take for a formula

Gone = Callable[[str], bool]  # whether this account is to be forgotten
Pseudonym = Callable[[str], str]


@dataclass
class Redaction:
    """Rewrites the rows of one file as they stream; counts what it changed. A line that is no row is looked through."""

    form: Form
    gone: Gone
    pseudonym: Pseudonym
    removed: int = 0
    renamed: int = 0

    def rows(self, stream: Iterable[bytes]) -> Iterator[bytes]:
        """The rows that stay, byte for byte but for the pseudonyms. A line too long to be held is dropped, unread."""
        end = self.form.line_end
        for block in blocks(stream, end, self.form.body):
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
        """Whether the file named one of them."""
        return bool(self.removed or self.renamed)

    def _line(self, line: bytes) -> bytes | None:
        """None where the row is one of theirs."""
        text = line.decode(errors="surrogateescape")
        cells = _cells(text.removesuffix("\r"))
        places = self.form.header.places
        if cells is None or len(cells) != len(self.form.header.names):
            named = any(self._is_gone(cell) for cell in (cells or text.replace('"', ",").split(",")))
            self.removed += named
            return None if named else line
        if self._is_gone(cells[places[SENDER]]):
            self.removed += 1
            return None
        if self._is_gone(cells[places[RECIPIENT]]):
            self.renamed += 1
            cells[places[RECIPIENT]] = self.pseudonym(_name(cells[places[RECIPIENT]]))
            return _joined(cells, text.endswith("\r")).encode(errors="surrogateescape")
        return line

    def _is_gone(self, cell: str) -> bool:
        return bool(cell) and (self.gone(cell) or (cell.startswith(GUARD) and self.gone(_name(cell))))


def _name(cell: str) -> str:
    return cell.removeprefix(GUARD)


def _cells(text: str) -> list[str] | None:
    """None for a line that is not CSV."""
    if '"' not in text:
        return text.split(",")
    try:
        return next(csv.reader([text], strict=True), [])
    except csv.Error:
        return None


def _joined(cells: list[str], carriage: bool) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r" if carriage else "").writerow(cells)
    return written.getvalue()
