"""No aggregates: what decides payments where nothing is kept asks for none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fraudshield.aggregate.port import AskedNames
from fraudshield.aggregate.value import AggregateValues
from fraudshield.transaction.occurrence import Occurrence


@dataclass(frozen=True, slots=True)
class NoValues:
    """Of so many payments."""

    payments: int

    def values(self) -> list[AggregateValues]:
        """Nothing of each."""
        return [{}] * self.payments


@dataclass(frozen=True, slots=True)
class NoAggregates:
    """An `AggregateSource` that has none."""

    def begin(self, occurrences: Sequence[Occurrence], names: AskedNames, known_at: datetime) -> NoValues:  # noqa: ARG002 the port's
        """Sends out nothing."""
        return NoValues(len(occurrences))


NO_AGGREGATES = NoAggregates()
