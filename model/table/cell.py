"""Cells of a file as values of a kind: read as the API reads them, a whole column at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fraudshield.batch.columns import numbers
from fraudshield.batch.header import number_in
from fraudshield.batch.own.row import BOOLEANS
from fraudshield.errors import Malformed
from fraudshield.event_type.field import NUMBERS, EventField
from fraudshield.expression.column import Column, is_long

EPOCH, TICK = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
SHORT = 16  # characters of a number that has at most fifteen digits


@dataclass(frozen=True, slots=True)
class CellPlace:
    """Where cells stand, for messages: the file, the column, and the line of each."""

    file: str
    column: str
    lines: Sequence[int]

    def refuse(self, at: int, cell: str, expected: str) -> Malformed:
        """What to say of a cell."""
        found = cell if len(cell) <= 40 else cell[:40] + "..."
        says = f"{self.file}, line {self.lines[at]}: {self.column} is {found!r}, expected {expected}"
        return Malformed(says, code="not_csv")


Reader = Callable[[Sequence[str], EventField, CellPlace], Column]


def read_cells(cells: Sequence[str], field: EventField, place: CellPlace) -> Column:
    """The column of a field. Raises Malformed with the line of the first cell that its field cannot have."""
    return READERS[field.kind](cells, field, place)


def _numbers(cells: Sequence[str], field: EventField, place: CellPlace) -> Column:
    there = np.fromiter(map(bool, cells), np.bool_, len(cells))
    filled = cells if there.all() else [cell or "0" for cell in cells]
    values, plain = numbers(filled)
    for at in np.flatnonzero(~plain).tolist():
        read: Any = number_in(cells[at])
        if isinstance(read, str):
            raise place.refuse(at, cells[at], "a number such as 1000.00")
        values[at] = float(read)
    whole = field.kind == "integer"
    wrong = whole & (values != np.rint(values))
    least, most = field.minimum, field.maximum
    wrong = wrong | (values < float(least) if least is not None else False)
    wrong = wrong | (values > float(most) if most is not None else False)
    for at in np.flatnonzero(wrong & there)[:1].tolist():
        bounds = " and ".join(
            f"{says} {limit}" for says, limit in (("from", least), ("up to", most)) if limit is not None
        )
        raise place.refuse(at, cells[at], f"{'a whole number' if whole else 'a number'} {bounds}".strip())
    exact: Mapping[int, Decimal] = {}
    if field.kind == "money":
        long = (at for at, cell in enumerate(cells) if len(cell) > SHORT)
        exact = {at: number for at in long if is_long(number := Decimal(cells[at]))}
    return Column(np.where(there, values, np.nan), there, exact)


def _texts(cells: Sequence[str], field: EventField, place: CellPlace) -> Column:
    known: dict[str, str | None] = {"": None}
    values = np.empty(len(cells), object)
    values[:] = list(map(known.setdefault, cells, cells))
    if field.values is not None:
        for text in known.keys() - {"", *field.values}:
            raise place.refuse(list(cells).index(text), text, f"one of {', '.join(field.values)}")
    return Column(values, np.fromiter(map(bool, cells), np.bool_, len(cells)))


def _booleans(cells: Sequence[str], _: EventField, place: CellPlace) -> Column:
    values = [BOOLEANS.get(cell.lower(), False) if cell else False for cell in cells]
    for at, cell in enumerate(cells):
        if cell and cell.lower() not in BOOLEANS:
            raise place.refuse(at, cell, "true or false")
    return Column(np.array(values, np.bool_), np.fromiter(map(bool, cells), np.bool_, len(cells)))


def _instants(cells: Sequence[str], _: EventField, place: CellPlace) -> Column:
    return Column(instants(cells, place).view("datetime64[us]"), np.fromiter(map(bool, cells), np.bool_, len(cells)))


def instants(cells: Sequence[str], place: CellPlace, missing: int = np.iinfo(np.int64).min) -> NDArray[np.int64]:
    """Times in microseconds since 1970; `missing` (which is NaT) where a cell is empty."""
    found = np.full(len(cells), missing, np.int64)
    for at, cell in enumerate(cells):
        if not cell:
            continue
        try:
            found[at] = (datetime.fromisoformat(cell) - EPOCH) // TICK
        except (ValueError, TypeError):
            raise place.refuse(at, cell, "a time with its offset, such as 2026-03-01T12:00:00Z") from None
    return found


def joined(parts: Sequence[Column]) -> Column:
    """The columns of several blocks as one."""
    values = np.concatenate([one.values for one in parts])
    if values.dtype == object:
        known: dict[str, str] = {}
        texts = values.tolist()
        values[:] = list(map(known.setdefault, texts, texts))  # one object for each text: there are few
    exact: dict[int, Decimal] = {}
    start = 0
    for one in parts:
        exact |= {start + at: number for at, number in one.exact.items()}
        start += len(one.values)
    present = [np.ones(len(one.values), np.bool_) if one.present is None else one.present for one in parts]
    capped, unread = (_flags(parts, name) for name in ("capped", "unread"))
    return Column(values, np.concatenate(present), exact, capped, unread)


def _flags(parts: Sequence[Column], name: str) -> NDArray[np.bool_] | None:
    flags = [getattr(one, name) for one in parts]
    if all(one is None for one in flags):
        return None
    whole = zip(flags, parts, strict=True)
    return np.concatenate([np.zeros(len(part.values), np.bool_) if one is None else one for one, part in whole])


READERS: Mapping[str, Reader] = {
    **dict.fromkeys(NUMBERS, _numbers),
    "text": _texts,
    "category": _texts,
    "boolean": _booleans,
    "instant": _instants,
}
