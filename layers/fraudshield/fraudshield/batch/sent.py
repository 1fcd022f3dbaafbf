"""What conditions are tested on, as columns of a file's rows: the values that each row has online."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property

import numpy as np

from fraudshield.batch.columns import Name, Rows
from fraudshield.batch.lists.table import Tables, queries
from fraudshield.event_type.payment import TYPES
from fraudshield.expression.column import Column
from fraudshield.expression.columns import columns
from fraudshield.expression.expression import Expression
from fraudshield.expression.names import RISK
from fraudshield.predictor.columns import Booleans, Floats

TYPE_NAMES = np.array(TYPES, object)
MOST_DIGITS = 15  # so many a float64 tells apart: longer cells are kept exactly, too


class LongCells(Mapping[int, Decimal]):
    """The decimals of the long cells of a column by row, looked for when first asked: most are never compared."""

    def __init__(self, rows: Rows, name: str) -> None:
        self._rows = rows
        self._name = name

    @cached_property
    def _found(self) -> Mapping[int, Decimal]:
        cells = self._rows.column(self._name)
        return {at: Decimal(cell) for at, cell in enumerate(cells) if len(cell) > MOST_DIGITS}

    def __getitem__(self, row: int) -> Decimal:
        return self._found[row]

    def __iter__(self) -> Iterator[int]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


@dataclass(frozen=True, slots=True)
class SentColumns:
    """The columns of rows that were all received at one time. `name` makes the ids of those that have none."""

    rows: Rows
    name: Name
    received_at: datetime
    lists: Tables = field(default_factory=dict)

    def may_count(self, expression: Expression, risks: Floats, *, unevaluated: bool) -> Booleans:
        """The rows for which it holds, and those for which it is not evaluated where such count too.

        Velocities are not read for a file, so what needs them is not evaluated.
        """
        names = expression.names
        fields = self.named(names.fields) | ({RISK: Column(risks)} if names.risk else {})
        found = columns(expression, fields, len(self.rows), queries(self.lists))
        held = np.asarray(found.values & found.known, np.bool_)
        return held | ~found.known if unevaluated else held

    def named(self, names: Iterable[str]) -> dict[str, Column]:
        """The columns of these fields."""
        return {name: self._column(name) for name in names}

    def _column(self, name: str) -> Column:
        if name in self.rows.money:
            return Column(self.rows.money[name], exact=LongCells(self.rows, name))
        if name == "type":
            return Column(TYPE_NAMES[self.rows.type_codes], np.ones(len(self.rows), np.bool_))
        if name == "occurred_at":
            times = self.rows.occurred_at or [None] * len(self.rows)
            naive = [(at or self.received_at).replace(tzinfo=None) for at in times]
            return Column(np.array(naive, "datetime64[us]"))
        if name == "step":
            return Column(np.array([float(cell) for cell in self.rows.column(name)], np.float64))
        return self._text(name)

    def _text(self, name: str) -> Column:
        cells: list[str] = self.rows.column(name) if name in self.rows.header.positions else [""] * len(self.rows)
        if not all(cells):
            cells = [cell or self.name(line) for cell, line in zip(cells, self.rows.lines, strict=True)]
        texts = np.empty(len(cells), object)
        texts[:] = cells
        return Column(texts, np.ones(len(cells), np.bool_))
