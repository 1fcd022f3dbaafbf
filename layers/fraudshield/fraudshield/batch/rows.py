"""The rows that can be scored, as columns: what stands in the file, and the numbers in it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from fraudshield.batch.cell import Cells
from fraudshield.batch.header import Header
from fraudshield.batch.row import read_row
from fraudshield.columns import Booleans, Columns, Floats
from fraudshield.errors import Fault
from fraudshield.transaction import Transaction

T = TypeVar("T")
Name = Callable[[int], str]  # by which the row in this line of the block goes if it has no transaction_id


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot be scored; `line` is counted in its block, from 0."""

    line: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """All sequences have one length; `occurred_at` has None for rows that do not say, and is empty if none can."""

    header: Header
    lines: Sequence[int]
    texts: Sequence[str]
    cells: Sequence[Cells]
    type_rank: Floats
    money: Mapping[str, Floats]
    to_merchant: Booleans
    occurred_at: Sequence[datetime | None]

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def columns(self) -> Columns:
        """What the features are made from."""
        amount, origin, destination = (self.money[name] for name in ("amount", "oldbalanceOrg", "oldbalanceDest"))
        return Columns(self.type_rank, amount, origin, destination, self.to_merchant)

    def column(self, name: str) -> list[str]:
        """Its cells; the file must have it."""
        place = self.header.places[name]
        return [cells[place] for cells in self.cells]

    def transaction(self, at: int, name: Name) -> Transaction:
        """The row at this position, exactly. Raises InvalidInput only for rows that do not belong here."""
        return read_row(self.header.own(self.cells[at]), name(self.lines[at]))

    def where(self, good: Booleans) -> "Rows":
        """Those rows only."""
        if good.all():
            return self
        kept = np.flatnonzero(good)
        return Rows(
            self.header,
            _picked(self.lines, kept),
            _picked(self.texts, kept),
            _picked(self.cells, kept),
            self.type_rank[kept],
            {name: values[kept] for name, values in self.money.items()},
            self.to_merchant[kept],
            _picked(self.occurred_at, kept) if self.occurred_at else (),
        )


def _picked(sequence: Sequence[T], kept: NDArray[np.intp]) -> list[T]:
    return [sequence[i] for i in kept.tolist()]
