"""The rows of a chunk as columns: each cell is read to the value that the API would read."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from fraudshield.batch.header import Header, read_row
from fraudshield.errors import Fault
from fraudshield.event_type.payment import TYPES
from fraudshield.predictor.columns import Booleans, Floats
from fraudshield.transaction.built_in import BuiltInTransaction

MOST_CHARACTERS = 20  # of a number: then it has not too many digits, before or behind the point
PLAIN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", re.ASCII)
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
UNKNOWN_TYPE = -1
TYPE_CODES = {name: code for code, name in enumerate(TYPES)}
Cells = Sequence[str]


def numbers(cells: Cells) -> tuple[Floats, Booleans]:
    """Reads numbers to the nearest float64, and says which are plain: spelled as in JSON, no exponent, not too long."""
    if _all_plain(cells):
        try:
            return np.fromiter(map(float, cells), np.float64, len(cells)) + 0.0, np.ones(len(cells), np.bool_)
        except ValueError:  # two points, or a minus inside
            pass
    plain = [len(cell) <= MOST_CHARACTERS and PLAIN.fullmatch(cell) is not None for cell in cells]
    values = (float(cell) if good else np.nan for cell, good in zip(cells, plain, strict=True))
    return np.fromiter(values, np.float64, len(cells)) + 0.0, np.array(plain, np.bool_)  # + 0.0 makes -0.0 a 0.0


def types(cells: Cells) -> tuple[NDArray[np.int64], Booleans]:
    """Reads types to their positions in `TYPES`, and says which cells are types."""
    codes = np.fromiter((TYPE_CODES.get(cell, UNKNOWN_TYPE) for cell in cells), np.int64, len(cells))
    return codes, codes != UNKNOWN_TYPE


def texts(cells: Cells, shortest: int, longest: int) -> Booleans:
    """Says which cells have a length within these bounds, in characters, and no control character."""
    lengths = np.fromiter(map(len, cells), np.int64, len(cells))
    good = (lengths >= shortest) & (lengths <= longest)
    together = "".join(cells)
    if not together.isprintable() and CONTROL.search(together):
        good &= np.fromiter((CONTROL.search(cell) is None for cell in cells), np.bool_, len(cells))
    return good


def _all_plain(cells: Cells) -> bool:
    """Whether every cell that `float` takes is spelled plainly, by looking at all of them as one text."""
    if max(map(len, cells), default=0) > MOST_CHARACTERS:
        return False
    text = "\n" + "\n".join(cells) + "\n"
    if not text.isascii() or text.encode().translate(None, b"0123456789.-\n"):
        return False
    return not any(wrong in text for wrong in ("\n\n", "\n.", "-.", ".\n")) and not (
        _leads_with_0(text, "\n") or _leads_with_0(text, "-")
    )


def _leads_with_0(text: str, before: str) -> bool:
    """Whether a number starts with a 0 that is followed by a digit, as 01 does and 0.1 does not."""
    zeros = text.count(f"{before}0")
    return zeros > 0 and zeros > text.count(f"{before}0.") + text.count(f"{before}0\n")


T = TypeVar("T")
Name = Callable[[int], str]  # by which the row in this line of the block goes if it has no transaction_id


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that cannot be scored; `line` is counted in its block, from 0."""

    line: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a file as columns. All sequences have one length; `occurred_at` has None for rows without a time.

    `type_codes` are positions in `TYPES`.

    Where the file has no such column, `occurred_at` is empty.
    """

    header: Header
    lines: Sequence[int]
    texts: Sequence[str]
    cells: Sequence[Cells]
    type_codes: NDArray[np.int64]
    money: Mapping[str, Floats]
    occurred_at: Sequence[datetime | None]

    def __len__(self) -> int:
        return len(self.texts)

    def column(self, name: str) -> list[str]:
        """The cells of a column; the file must have it."""
        position = self.header.positions[name]
        return [cells[position] for cells in self.cells]

    def transaction(self, at: int, name: Name) -> BuiltInTransaction:
        """Reads the row at this position exactly. Raises InvalidInput for a row that cannot be scored."""
        return read_row(self.header.own(self.cells[at]), name(self.lines[at]))

    def where(self, good: Booleans) -> "Rows":
        """Keeps the rows that are `good`."""
        if good.all():
            return self
        kept = np.flatnonzero(good)
        return Rows(
            self.header,
            _picked(self.lines, kept),
            _picked(self.texts, kept),
            _picked(self.cells, kept),
            self.type_codes[kept],
            {name: values[kept] for name, values in self.money.items()},
            _picked(self.occurred_at, kept) if self.occurred_at else (),
        )


def _picked(sequence: Sequence[T], kept: NDArray[np.intp]) -> list[T]:
    return [sequence[i] for i in kept.tolist()]
