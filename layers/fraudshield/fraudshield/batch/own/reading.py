"""Parsing a block of payments of an event type of one's own: which lines are rows, and which are refused and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fraudshield.batch.block_scorer import RowNames
from fraudshield.batch.byte_range import Block
from fraudshield.batch.columns import RefusedRow
from fraudshield.batch.history.port import PlacedRow
from fraudshield.batch.own.row import OwnLayout
from fraudshield.batch.reading import cells_of
from fraudshield.errors import InvalidInput
from fraudshield.rate.rate import NO_RATES, Rates
from fraudshield.text.csv_line import TOO_LONG, Cells, decoded_lines
from fraudshield.transaction.occurrence import Occurrence
from fraudshield.transaction.pricing import priced


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A row that was read: its line in the block, as it stands there, and the payment at its place."""

    line: int
    text: str
    cells: Cells
    placed: PlacedRow


@dataclass(frozen=True, slots=True)
class OwnBlock:
    """A block's rows, its number of lines, and the refusals of those that cannot be read."""

    rows: Sequence[OwnRow]
    refused: Sequence[RefusedRow]
    lines: int


@dataclass(frozen=True, slots=True)
class OwnReader:
    """Reads the blocks of a file. A row without a time happened when the file was received; its money is at `rates`.

    `origin` names the file and its version, see `RowNames`.
    """

    layout: OwnLayout
    line_end: bytes
    origin: str
    received_at: datetime
    rates: Rates = NO_RATES

    def read(self, block: Block) -> OwnBlock:
        """Reads every row of the block; one that cannot be read is refused alone."""
        texts = [TOO_LONG] if block.too_long else decoded_lines(block.content, self.line_end)
        lines, cells, refused = cells_of(texts, len(self.layout.names))
        names = RowNames(self.origin, block, self.line_end)
        rows: list[OwnRow] = []
        for line, row in zip(lines, cells, strict=True):
            try:
                transaction = self.layout.read(row, names(line))
            except InvalidInput as exc:
                refused.append(RefusedRow(line, exc.faults))
            else:
                at = transaction.occurred_at or self.received_at
                occurrence = Occurrence(priced(transaction, at, lambda: self.rates), at)
                rows.append(OwnRow(line, str(texts[line]), row, PlacedRow(names.offset(line), occurrence)))
        return OwnBlock(rows, refused, len(texts))
