"""Aggregates of a chunk's rows as lines of text: a row's offset, then a cell for each aggregate."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from fraudshield.aggregate.aggregate import EntityAggregate
from fraudshield.aggregate.value import NOTHING, AggregateValue, AggregateValues
from fraudshield.batch.history.port import PlacedRow

UNREAD, AT_LEAST = "?", ">"


def written(offsets: Iterable[int], values: Sequence[Iterable[AggregateValue]]) -> bytes:
    """The lines of these rows; `values` has those of each aggregate, row by row."""
    cells = (map(_cell, one) for one in values)
    return "".join(f"{','.join(map(str, row))}\n" for row in zip(offsets, *cells, strict=True)).encode()


@dataclass(frozen=True, slots=True)
class WrittenHistory:
    """The `RowHistory` port over such lines, of these aggregates in their order."""

    asked: Sequence[EntityAggregate]
    lines: Mapping[int, str]

    @classmethod
    def read(cls, asked: Sequence[EntityAggregate], content: bytes) -> "WrittenHistory":
        """Reads the lines of a chunk."""
        return cls(asked, dict(_lines(content)))

    def values(self, rows: Sequence[PlacedRow]) -> list[AggregateValues]:
        """The values of each row, which all have a line."""
        return [self._of(self.lines[row.offset]) for row in rows]

    def _of(self, line: str) -> AggregateValues:
        return {one.name: _value(cell) for one, cell in zip(self.asked, line.split(","), strict=True)}


def _lines(content: bytes) -> Iterator[tuple[int, str]]:
    for line in content.decode().splitlines():
        offset, _, cells = line.partition(",")
        yield int(offset), cells


def _cell(value: AggregateValue) -> str:
    if value.unread:
        return f"{UNREAD}{value.unread}"
    if value.number is None:
        return ""
    return f"{AT_LEAST if value.at_least else ''}{value.number}"


def _value(cell: str) -> AggregateValue:
    if not cell:
        return NOTHING
    if cell.startswith(UNREAD):
        return AggregateValue(unread=cell.removeprefix(UNREAD))
    return AggregateValue(Decimal(cell.removeprefix(AT_LEAST)), at_least=cell.startswith(AT_LEAST))
