"""Payments that come one by one, as columns in the end: of each only what some aggregates ask."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from fraudshield.aggregate.aggregate import AMOUNT, LABEL, EntityAggregate
from fraudshield.aggregate.payment_history import NEVER, PaymentHistory, Texts
from fraudshield.aggregate.row import HistoryRow
from fraudshield.expression.column import column
from fraudshield.expression.names import RISK, Kind
from fraudshield.expression.reading import Scalar

EPOCH, TICK = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
ALWAYS = {AMOUNT: Kind.MONEY, LABEL: Kind.CATEGORY}


class PaymentColumns:
    """Columns that grow by a row for each payment."""

    def __init__(self, asked: Sequence[EntityAggregate]) -> None:
        kinds = {name: kind for one in asked for name, kind in one.kinds.items() if name in one.reads}
        risk = {RISK: Kind.NUMBER} if any(RISK in one.reads for one in asked) else {}
        self._kinds: Mapping[str, Kind] = {**kinds, **risk, **ALWAYS}
        self._known: dict[str, list[Scalar | None]] = {name: [] for name in self._kinds}
        self._entities: dict[str, list[str | None]] = {name: [] for one in asked for name in (one.over, *one.named_by)}
        self._occurred_at: list[int] = []
        self._decided_at: list[int] = []
        self._labelled_at: list[int] = []

    def __len__(self) -> int:
        return len(self._occurred_at)

    def add(self, row: HistoryRow, named: Mapping[str, object]) -> None:
        """Adds a payment; `named` are its fields, of which some name entities."""
        self._occurred_at.append(_microseconds(row.occurred_at))
        self._decided_at.append(_microseconds(row.decided_at))
        self._labelled_at.append(NEVER if row.labelled_at is None else _microseconds(row.labelled_at))
        for name, kind in self._kinds.items():
            self._known[name].append(row.label if name == LABEL else row.value(name, kind))
        for name, values in self._entities.items():
            value = named.get(name)
            values.append(value if isinstance(value, str) else None)

    def history(self) -> PaymentHistory:
        """All of them."""
        return PaymentHistory(
            np.array(self._occurred_at, np.int64),
            np.array(self._decided_at, np.int64),
            {name: _texts(values) for name, values in self._entities.items()},
            {name: column(kind, self._known[name]) for name, kind in self._kinds.items()},
            np.array(self._labelled_at, np.int64),
        )


def _microseconds(at: datetime) -> int:
    return (at - EPOCH) // TICK


def _texts(values: Sequence[str | None]) -> Texts:
    texts = np.empty(len(values), object)
    texts[:] = values
    return texts
