"""A file as its own history: what its earlier rows say of each row, worked out before the first chunk is scored.

A row counts as decided when it happened, so the order of lines is nothing, and neither is how the file is cut. Of rows
with one id the first one counts. No file says what became of its payments, so their outcomes, risks and labels are not
known.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from fraudshield.aggregate.aggregate import LABEL, EntityAggregate
from fraudshield.aggregate.columns import aggregate_values
from fraudshield.aggregate.payment_columns import PaymentColumns
from fraudshield.aggregate.payment_history import NEVER
from fraudshield.aggregate.row import HistoryRow
from fraudshield.aggregate.value import NOT_THERE, AggregateValue
from fraudshield.analytics.series import BATCH
from fraudshield.batch.history.port import PlacedRow
from fraudshield.batch.history.values import written
from fraudshield.errors import TooLarge
from fraudshield.expression.names import RISK
from fraudshield.transaction.pricing import reported_amount

MOST_ROWS = 250_000  # of which the columns and the values of fifty aggregates go into the task's memory and time
UNSAID = frozenset({LABEL, RISK, "outcome"})


@dataclass
class FileHistory:
    """Rows of a file in the order of its chunks, as far as these aggregates ask of them."""

    asked: Sequence[EntityAggregate]
    most: int = MOST_ROWS
    offsets: list[list[int]] = field(default_factory=list)
    _first: set[str] = field(default_factory=set)
    _repeats: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._told = [one for one in self.asked if not one.reads & UNSAID]
        self._columns = PaymentColumns(self._told)

    def add_chunk(self, rows: Iterable[PlacedRow]) -> None:
        """Adds the rows of the next chunk. Raises TooLarge."""
        offsets: list[int] = []
        self.offsets.append(offsets)
        for row in rows:
            if len(self._columns) >= self.most:
                raise TooLarge(
                    f"The file has more than {self.most:,} rows, which are as many as can be each other's history; "
                    "expected fewer, or history: store or none",
                    code="history_too_long",
                )
            self._add(row)
            offsets.append(row.offset)

    def chunks(self) -> Iterator[bytes]:
        """The values of each chunk's rows, as `WrittenHistory` reads them."""
        asking = self._columns.history()
        decided_at = asking.decided_at.copy()
        decided_at[self._repeats] = NEVER
        found = aggregate_values(self._told, asking, replace(asking, decided_at=decided_at))
        start = 0
        for offsets in self.offsets:
            end = start + len(offsets)
            untold = [NOT_THERE] * len(offsets)
            values: list[Sequence[AggregateValue]] = [
                found[one.name][start:end] if one.name in found else untold for one in self.asked
            ]
            yield written(offsets, values)
            start = end

    def _add(self, row: PlacedRow) -> None:
        transaction, at = row.occurrence.transaction, row.occurrence.at
        name, own = transaction.transaction_id, transaction.own
        if name in self._first:
            self._repeats.append(len(self._columns))
        self._first.add(name)
        self._columns.add(
            HistoryRow(
                name,
                at,
                at,
                reported_amount(transaction),
                "",
                BATCH,
                event_type=own.event_type.name if own else "",
                shown=own.shown if own else {},
            ),
            transaction.values,
        )
