"""Where the aggregates of a file's rows come from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from fraudshield.aggregate.value import AggregateValues
from fraudshield.transaction.occurrence import Occurrence


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A row's payment, and at which byte of the text the row starts: that is the same however the file is cut."""

    offset: int
    occurrence: Occurrence


class RowHistory(Protocol):
    """What earlier payments say of rows, in one chunk of a file."""

    def values(self, rows: Sequence[PlacedRow]) -> Sequence[AggregateValues]:
        """The aggregates of each row by name, in order; of those that were not read, why. Raises StoreUnavailable."""
