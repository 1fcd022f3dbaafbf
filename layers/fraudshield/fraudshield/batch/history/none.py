"""No history: what the policy asks of earlier payments is not evaluated, and each row says so."""

from collections.abc import Sequence
from dataclasses import dataclass

from fraudshield.aggregate.aggregate import EntityAggregate
from fraudshield.aggregate.value import NOT_READ, AggregateValues
from fraudshield.batch.history.port import PlacedRow


@dataclass(frozen=True, slots=True)
class NoHistory:
    """The `RowHistory` port, of these aggregates."""

    asked: Sequence[EntityAggregate]

    def values(self, rows: Sequence[PlacedRow]) -> list[AggregateValues]:
        """None of them was read."""
        return [dict.fromkeys((one.name for one in self.asked), NOT_READ)] * len(rows)
