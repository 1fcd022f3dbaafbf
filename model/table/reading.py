"""Reading a CSV of payments by their event type. A row that cannot be read stops it, with its line and what was found.

The columns are those that a job over such a file reads; the label, its time and others that are asked for stand beside.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from fraudshield.aggregate.payment_history import NEVER
from fraudshield.batch.header import has_columns
from fraudshield.batch.own.row import fields_by_column
from fraudshield.batch.reading import cells_of
from fraudshield.errors import Malformed
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.field import EventField
from fraudshield.expression.column import Column
from fraudshield.predictor.columns import Floats
from fraudshield.text.csv_format import described, open_csv
from fraudshield.text.csv_line import decoded_lines
from model.table.cell import EPOCH, TICK, CellPlace, instants, joined, read_cells
from model.table.money import as_reported
from model.table.table import PaymentTable
from model.table.truth import truth_of

BLOCK_BYTES = 8 << 20
MOST_BYTES = 1 << 40
HOUR_US = 3_600_000_000
TEXT, INSTANT = EventField(kind="text"), EventField(kind="instant")
FRAUD_CELLS = {"fraud": "fraud", "1": "fraud", "true": "fraud", "1.0": "fraud"}
LABEL_CELLS = FRAUD_CELLS | {"": "", "genuine": "genuine", "0": "genuine", "false": "genuine", "0.0": "genuine"}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which columns hold what no payment has: `label`, its time, the weight; `beside` are kept as they are.

    Of those `incident` says which payments are of one theft, and `oracle` what a simulator knew of each.
    `as_of` is when the labels were read; without it the last time in the file.
    """

    label: str
    labelled_at: str | None = None
    weight: str | None = None
    beside: tuple[str, ...] = ()
    incident: str | None = None
    oracle: str | None = None
    as_of: datetime | None = None

    @property
    def columns(self) -> list[str]:
        """All of them that are named."""
        return [one for one in (self.label, self.labelled_at, self.weight, *self.beside) if one]


class _File:
    """The columns of a file as they come, block by block."""

    def __init__(self, path: Path, event_type: EventType, asked: Asked) -> None:
        self.path, self.event_type, self.asked = path, event_type, asked
        with path.open("rb") as file:
            form, rows = open_csv(iter(lambda: file.read(BLOCK_BYTES), b""), path.name, MOST_BYTES)
            self.names = form.names
            self.fields = {
                column: name
                for column, name in fields_by_column(event_type, form.names).items()
                if column in form.names
            }
            self._check()
            self.columns: defaultdict[str, list[Column]] = defaultdict(list)
            self.beside: defaultdict[str, list[str]] = defaultdict(list)
            self.lines: list[int] = []
            for line, texts in _blocks(rows, form.line_end):
                self._read(line, texts)

    def _check(self) -> None:
        known, asked = self.event_type.all_fields, self.asked.columns
        every = fields_by_column(self.event_type, self.names)
        required = [column for column, name in every.items() if name in known and known[name].required]
        has_columns(self.names, [*required, *asked], [*every, *asked], self.path.name)
        for column in asked:
            if column in self.fields:
                says = f"{self.path.name}: {column} is read by the event type's field {self.fields[column]}"
                raise Malformed(f"{says}, so a model would be told the answer; leave it out of the type", code="label")

    def _read(self, line: int, texts: Sequence[object]) -> None:
        lines, cells, refused = cells_of(texts, len(self.names))  # type: ignore[arg-type]
        if refused:
            fault = refused[0].faults[0]
            raise Malformed(f"{self.path.name}, line {line + refused[0].line}: {fault.detail}", code="not_csv")
        if not cells:
            return
        numbers = [line + one for one in lines]
        self.lines += numbers
        by_position = list(zip(*cells, strict=True))
        known = self.event_type.all_fields
        for at, column in enumerate(self.names):
            if column in self.fields:
                field = known.get(self.fields[column], INSTANT if self.fields[column] == "occurred_at" else TEXT)
                place = CellPlace(self.path.name, column, numbers)
                self.columns[self.fields[column]].append(read_cells(by_position[at], field, place))
            elif column in self.asked.columns:
                self.beside[column] += by_position[at]

    def place(self, column: str) -> CellPlace:
        return CellPlace(self.path.name, column, self.lines)


def read_table(path: Path, event_type: EventType, asked: Asked) -> PaymentTable:
    """The payments of a file in the order of time.

    Raises:
        Malformed: it is no CSV of such payments; the line or the column, what was found and what was expected are said.
    """
    file = _File(path, event_type, asked)
    if not file.lines:
        raise Malformed(f"{path.name} has no rows", code="not_csv")
    fields = {name: joined(parts) for name, parts in file.columns.items()}
    occurred_at = _times(file, fields)
    labels = _labels(file)
    never = np.full(len(labels), NEVER)
    told = asked.labelled_at
    labelled_at = instants(file.beside[told], file.place(told), NEVER) if told else never
    as_of = max(int(occurred_at.max()), int(np.max(labelled_at, where=labelled_at != NEVER, initial=0)))
    if asked.as_of is not None:
        as_of = (asked.as_of - EPOCH) // TICK
    reported, money = as_reported(event_type, fields, len(labels))
    fields |= {**money, "amount": reported, "occurred_at": Column(occurred_at.view("datetime64[us]"))}
    table = PaymentTable(
        event_type=event_type,
        fields=fields,
        occurred_at=occurred_at,
        reported=reported,
        truth=truth_of(labels, labelled_at, occurred_at, as_of, (event_type.genuine_after, event_type.labels_later)),
        lines=np.array(file.lines, np.int64),
        weight=_weights(file),
        beside={name: file.beside[name] for name in asked.beside},
    )
    return table.in_order()


def _blocks(pieces: Iterator[bytes], line_end: bytes) -> Iterator[tuple[int, Sequence[object]]]:
    """The lines of each block, with the number of its first one; the header is line 1."""
    held, number = b"", 2
    for piece in pieces:
        whole, end, rest = (held + piece).rpartition(line_end)
        held = rest
        if end:
            texts = decoded_lines(whole + end, line_end)
            yield number, texts
            number += len(texts)
    if held:
        yield number, decoded_lines(held, line_end)


def _times(file: _File, fields: Mapping[str, Column]) -> np.ndarray:
    name = file.event_type.by_role().get("time", "occurred_at")
    if name in fields and fields[name].present is not None and np.all(fields[name].present):
        return fields[name].values.view(np.int64)
    if file.event_type.is_payment and "step" in fields and name not in fields:
        return (fields["step"].values * HOUR_US).astype(np.int64)
    if name not in fields:
        expected = f"a column {name}, since a model is trained on the past and judged by what came after"
        raise Malformed(f"{file.path.name} has no times; expected {expected}; {described(file.names)}", code="no_time")
    at = int(np.flatnonzero(~np.asarray(fields[name].present))[0])
    raise Malformed(f"{file.path.name}, line {file.lines[at]}: {name} is empty, expected a time", code="no_time")


def _labels(file: _File) -> list[str]:
    name = file.asked.label
    cells = file.beside[name]
    for at, cell in enumerate(cells):
        if cell.lower() not in LABEL_CELLS:
            raise file.place(name).refuse(at, cell, "fraud, genuine, 1, 0, true, false or nothing")
    return [LABEL_CELLS[cell.lower()] for cell in cells]


def _weights(file: _File) -> Floats:
    if (name := file.asked.weight) is None:
        return np.ones(len(file.lines))
    found = read_cells(file.beside[name], EventField(kind="number"), file.place(name)).values
    for at in np.flatnonzero(~(found > 0))[:1].tolist():
        raise file.place(name).refuse(at, file.beside[name][at], "a number above 0")
    return found
