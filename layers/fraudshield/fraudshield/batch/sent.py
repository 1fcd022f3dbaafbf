"""What conditions are tested on, as columns of a file's rows: the values that each row has online."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np

from fraudshield.batch.columns import Name, Rows
from fraudshield.expression.column import Column
from fraudshield.expression.columns import columns
from fraudshield.expression.expression import Expression
from fraudshield.expression.names import RISK
from fraudshield.predictor.columns import Booleans, Floats

MOST_DIGITS = 15  # so many a float64 tells apart: longer cells are kept exactly, too


@dataclass(frozen=True, slots=True)
class SentColumns:
    """The columns of rows that were all received at one time. `name` makes the ids of those that have none."""

    rows: Rows
    name: Name
    received_at: datetime
    risks: Floats

    def held(self, expression: Expression) -> Booleans:
        """The rows for which it holds. Velocities are not read for a file, so what needs them is not evaluated."""
        names = expression.names.fields | ({RISK} if expression.names.risk else set())
        found = columns(expression, {name: self._column(name) for name in names}, len(self.rows))
        return np.asarray(found.values & found.known, np.bool_)

    def _column(self, name: str) -> Column:
        if name == RISK:
            return Column(self.risks)
        if name in self.rows.money:
            return self._money(name)
        if name == "occurred_at":
            times = self.rows.occurred_at or [None] * len(self.rows)
            naive = [(at or self.received_at).replace(tzinfo=None) for at in times]
            return Column(np.array(naive, "datetime64[us]"))
        if name == "step":
            return Column(np.array([float(cell) for cell in self.rows.column(name)], np.float64))
        return self._text(name)

    def _money(self, name: str) -> Column:
        long = enumerate(self.rows.column(name))
        exact = {at: Decimal(cell) for at, cell in long if len(cell) > MOST_DIGITS}
        return Column(self.rows.money[name], exact=exact)

    def _text(self, name: str) -> Column:
        cells: list[str] = self.rows.column(name) if name in self.rows.header.positions else [""] * len(self.rows)
        texts = np.empty(len(cells), object)
        texts[:] = [cell or self.name(line) for cell, line in zip(cells, self.rows.lines, strict=True)]
        return Column(texts)
