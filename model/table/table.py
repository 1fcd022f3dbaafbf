"""Payments of one event type as columns, in the order of time, and what was found out about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fraudshield.aggregate.aggregate import AMOUNT, LABEL, EntityAggregate, aggregates_of
from fraudshield.aggregate.payment_history import NEVER, PaymentHistory
from fraudshield.event_type.event_type import EventType
from fraudshield.expression.column import Column
from fraudshield.predictor.columns import Booleans, Floats
from model.quantile import Integers
from model.table.selection import LearntSelection
from model.table.truth import Truth

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class PaymentTable:
    """All columns have one length and order. `fields` are by the names that expressions use, `reported` is the amount
    in the type's reporting currency.

    `occurred_at` counts microseconds since 1970. `lines` are those of the file, `weight` how many payments a row stands
    for. `beside` are columns that no model reads: by which payments are one incident, or what a simulator knew. `kept`
    are the aggregates that were kept with stored decisions, None of a file, which is its own history; `selection` says
    which stored decisions these are.
    """

    event_type: EventType
    fields: Mapping[str, Column]
    occurred_at: Integers
    reported: Column
    truth: Truth
    lines: Integers
    weight: Floats
    beside: Mapping[str, Sequence[str]] = field(default_factory=dict)
    kept: Mapping[str, Column] | None = None
    selection: LearntSelection | None = None

    def __len__(self) -> int:
        return len(self.occurred_at)

    def rows(self, rows: Rows | Booleans) -> "PaymentTable":
        """These rows, in this order."""
        kept = np.arange(len(self))[rows]
        return replace(
            self,
            fields={name: rows_of(one, kept) for name, one in self.fields.items()},
            occurred_at=self.occurred_at[kept],
            reported=rows_of(self.reported, kept),
            truth=self.truth.rows(kept),
            lines=self.lines[kept],
            weight=self.weight[kept],
            beside={name: [values[at] for at in kept.tolist()] for name, values in self.beside.items()},
            kept=None if self.kept is None else {name: rows_of(one, kept) for name, one in self.kept.items()},
        )

    def in_order(self) -> "PaymentTable":
        """By time, and by id where several have one time, in whichever order they came."""
        order = np.argsort(self.occurred_at, kind="stable")
        times = self.occurred_at[order]
        first = np.flatnonzero(np.r_[True, times[1:] != times[:-1]]) if len(times) else order
        sizes = np.diff(np.r_[first, len(times)])
        ids = self.texts(self.event_type.by_role().get("id", "transaction_id"))
        for start, size in zip(first[sizes > 1].tolist(), sizes[sizes > 1].tolist(), strict=True):
            order[start : start + size] = sorted(order[start : start + size].tolist(), key=lambda at: ids[at] or "")
        return self if np.array_equal(order, np.arange(len(order))) else self.rows(order)

    def texts(self, name: str) -> NDArray[np.object_]:
        """The values of a text field; None where there is none, also where no column has it."""
        one = self.fields.get(name)
        return np.full(len(self), None, object) if one is None else one.values

    def amounts(self) -> Floats:
        """The money that each row moves, 0 where that is not known."""
        return np.nan_to_num(self.reported.values)

    def senders(self) -> NDArray[np.object_]:
        """Who pays: the sender, else what the type's first entity names, else nobody."""
        by_role = self.event_type.by_role().get("sender")
        entities = [name for name, one in self.event_type.all_fields.items() if one.entity_of(name) and not one.busy]
        return self.texts(by_role or next(iter(entities), ""))

    def history(self, asked: Sequence[EntityAggregate]) -> PaymentHistory:
        """The file as the history of each of its rows, as far as these aggregates read it."""
        names = {name for one in asked for name in (one.over, *one.named_by)}
        label, labelled_at = self.truth.told()
        size = len(self)
        carried: dict[str, Any] = {
            name: self.fields.get(name, nothing(size)) for one in asked for name in one.kinds if name in one.reads
        }
        carried |= {AMOUNT: self.reported, LABEL: label}
        carried["event_type"] = Column(np.full(size, self.event_type.name, object))
        entities = {name: self.texts(name) for name in names}
        return PaymentHistory(self.occurred_at, self.occurred_at, entities, carried, labelled_at)

    def aggregates(self) -> tuple[EntityAggregate, ...]:
        """Those of its event type."""
        return aggregates_of(self.event_type).aggregates


def nothing(rows: int) -> Column:
    """A column without values."""
    return Column(np.full(rows, np.nan), np.zeros(rows, np.bool_))


def rows_of(column: Column, rows: Rows) -> Column:
    """These rows of a column."""
    parts = (one if one is None else one[rows] for one in (column.present, column.capped, column.unread))
    present, capped, unread = parts
    exact = {}
    if column.exact:
        exact = {at: column.exact[row] for at, row in enumerate(rows.tolist()) if row in column.exact}
    return Column(column.values[rows], present, exact, capped, unread)


__all__ = ["NEVER", "PaymentTable", "nothing", "rows_of"]
