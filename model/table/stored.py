"""Stored decisions as a table: fields as they were sent, aggregates as they were kept, labels as they came in.

A payment that was not let through says nothing unless somebody labelled it; one that a control share let through
stands for as many as were drawn from.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fraudshield.aggregate.aggregate import EntityAggregate
from fraudshield.aggregate.payment_history import NEVER
from fraudshield.aggregate.response import told_aggregate
from fraudshield.aggregate.value import NOT_READ
from fraudshield.errors import InvalidInput
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.field import EventField
from fraudshield.expression.column import Column, column
from fraudshield.expression.names import Kind
from fraudshield.label.truth import let_through
from fraudshield.predictor.columns import Booleans, Floats
from model.table.cell import EPOCH, TICK, CellPlace, instants, joined, read_cells
from model.table.money import as_reported
from model.table.selection import LearntSelection
from model.table.table import PaymentTable
from model.table.truth import Truth, truth_of

STORE = "the store"
LEAST_KEPT = 0.5  # of the payments to learn from: an aggregate that fewer have says when it was kept, and little else
BY_ROLE = {"id": "transaction_id", "time": "occurred_at"}  # under which names every stored payment has these
Decided = Mapping[str, Any]  # as `GET /api/v1/database/decisions` has it, its numbers as decimals


class StoredColumns:
    """The columns of stored decisions as they come, page by page; `asked` are the aggregates that features read."""

    def __init__(self, event_type: EventType, asked: Sequence[EntityAggregate]) -> None:
        self.event_type, self.asked = event_type, asked
        self._fields = {name: _unbounded(field) for name, field in event_type.all_fields.items() if not field.later} | {
            name: EventField(kind=kind) for name, kind in _by_itself(event_type)
        }
        self._columns: defaultdict[str, list[Column]] = defaultdict(list)
        self._kept: defaultdict[str, list[Column]] = defaultdict(list)
        self._priced: list[Column] = []
        self._labels: list[str] = []
        self._labelled_at: list[str] = []
        self._outcomes: list[str] = []
        self._let_through: list[bool] = []
        self._shares: list[float] = []

    def __len__(self) -> int:
        return len(self._labels)

    def add(self, decisions: Sequence[Decided]) -> None:
        """Adds a page."""
        if not decisions:
            return
        sent = [one["transaction"] for one in decisions]
        lines = range(len(self) + 1, len(self) + 1 + len(sent))
        for name, field in self._fields.items():
            told = BY_ROLE.get(field.role or "", name)
            cells = [_cell(one.get(told)) for one in sent]
            self._columns[name].append(read_cells(cells, field, CellPlace(STORE, name, lines)))
        self._priced.append(
            column(Kind.MONEY, [_decimal(one.get("reported_amount", one.get("amount"))) for one in sent])
        )
        made = [one["first_decision"] for one in decisions]
        for one in self.asked:
            kept = [told_aggregate(each["aggregates"][one.name]) if one.name in each.get("aggregates", {}) else NOT_READ
                    for each in made]  # fmt: skip
            kind = Kind.MONEY if one.measure == "sum" else Kind.NUMBER
            self._kept[one.name].append(column(kind, [value.reading for value in kept]))
        self._note(decisions)

    def _note(self, decisions: Sequence[Decided]) -> None:
        for one in decisions:
            label, made = one["label"] or {"label": "", "labelled_at": ""}, one["first_decision"]
            self._labels.append(label["label"])
            self._labelled_at.append(label["labelled_at"])
            self._outcomes.append(made["decision"])
            self._let_through.append(let_through(made["decision"], one["verdict"]))
            self._shares.append(float(made.get("control_share", 1)))

    def table(self, as_of: datetime, of_files: int = 0) -> PaymentTable:
        """All of them in the order of time, with the labels that were known then; `of_files` were left out before.

        Raises:
            InvalidInput: there are none, or an aggregate that features read was kept with too few of them.
        """
        rows = len(self)
        if not rows:
            says = f"No decided payments of {self.event_type.name} are stored in that time"
            raise InvalidInput(says, code="too_few_rows")
        fields = {name: joined(parts) for name, parts in self._columns.items()}
        kept = {name: joined(parts) for name, parts in self._kept.items()}
        time = self.event_type.by_role().get("time", "occurred_at")
        occurred_at = fields[time].values.view(np.int64)
        reported, money = as_reported(self.event_type, fields, rows, priced=joined(self._priced))
        fields |= {**money, "amount": reported, "occurred_at": Column(occurred_at.view("datetime64[us]"))}
        truth, stopped = self._truth(occurred_at, as_of)
        weight = 1 / np.array(self._shares)
        table = PaymentTable(
            event_type=self.event_type,
            fields=fields,
            occurred_at=occurred_at,
            reported=reported,
            truth=truth,
            lines=np.arange(1, rows + 1, dtype=np.int64),
            weight=weight,
            kept=kept,
            selection=self._selection(truth, stopped, np.nan_to_num(reported.values), weight, kept, of_files),
        )
        return table.in_order()

    def _truth(self, occurred_at: NDArray[np.int64], as_of: datetime) -> tuple[Truth, Booleans]:
        """What is known of each, and which were not let through and have no label: no age makes those genuine."""
        labelled_at = instants(self._labelled_at, CellPlace(STORE, "labelled_at", range(len(self))), NEVER)
        delays = (self.event_type.genuine_after, self.event_type.labels_later)
        truth = truth_of(self._labels, labelled_at, occurred_at, (as_of - EPOCH) // TICK, delays)
        stopped = ~np.array(self._let_through) & ~truth.said
        old = truth.old_enough
        return (truth if old is None else replace(truth, old_enough=old & ~stopped)), stopped

    def _selection(
        self, truth: Truth, stopped: Booleans, amounts: Floats, weight: Floats, kept: Mapping[str, Column], files: int
    ) -> LearntSelection:
        blocked = stopped & (np.array(self._outcomes) == "block")
        drawn = (weight != 1) & truth.usable
        unread = {name: _unread(one, truth.usable) for name, one in kept.items()}
        if lacking := [name for name, share in sorted(unread.items()) if share > 1 - LEAST_KEPT]:
            usable = int(truth.usable.sum())
            says = f"{lacking[0]} was kept with {1 - unread[lacking[0]]:.0%} of the {usable:,} payments to learn from"
            hint = "say keep: true for it in the event type, and train when enough payments have come since"
            raise InvalidInput(f"{says}; expected {LEAST_KEPT:.0%} or more: {hint}", code="not_kept")
        return LearntSelection(
            decided=len(self),
            blocked=int(blocked.sum()),
            blocked_money=float(amounts[blocked].sum()),
            held=int((stopped & ~blocked).sum()),
            drawn=int(drawn.sum()),
            drawn_for=float(weight[drawn].sum()),
            of_files=files,
            unread=unread,
        )


def _by_itself(event_type: EventType) -> list[tuple[str, Any]]:
    """What every payment has though no field of its type has the role."""
    roles = event_type.by_role()
    return [(name, kind) for role, name, kind in (("id", "transaction_id", "text"), ("time", "occurred_at", "instant"))
            if role not in roles]  # fmt: skip


def _unbounded(field: EventField) -> EventField:
    """A field without bounds: what is stored was taken, by whichever version of its type."""
    return field.model_copy(update={"minimum": None, "maximum": None, "values": None})


def _cell(value: Any) -> str:
    """As it would stand in a file; a list or an object is no value of any field."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return "" if value is None else str(value)


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


def _unread(one: Column, rows: Booleans) -> float:
    """With which share of these rows it was not read; having no value, as a mean of nothing, is being read."""
    unread = np.zeros(len(rows), np.bool_) if one.unread is None else one.unread
    return float(unread[rows].mean()) if rows.any() else 0.0
