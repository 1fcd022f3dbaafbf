"""The stored payments as history: for each row those that happened before it and were decided before the job began.

Rows of one file do not see each other, and a chunk that is scored again finds the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fraudshield.aggregate.port import HistorySource
from fraudshield.aggregate.reader import AggregateReader
from fraudshield.aggregate.value import AggregateValues
from fraudshield.batch.history.port import PlacedRow
from fraudshield.event_type.event_type import EventType

AT_ONCE = 100  # rows whose histories are held at one time: each may have a thousand payments for every entity


@dataclass(frozen=True, slots=True)
class PlannedType:
    """The version of the type that a job goes by, whichever is in force by now."""

    event_type: EventType

    def named(self, name: str) -> EventType:  # noqa: ARG002 a file has payments of one type
        """The planned version."""
        return self.event_type


@dataclass(frozen=True, slots=True)
class StoredHistory:
    """The `RowHistory` port. `names` are the aggregates that the policy asks."""

    event_type: EventType
    names: frozenset[str]
    known_at: datetime
    source: HistorySource

    def values(self, rows: Sequence[PlacedRow]) -> list[AggregateValues]:
        """Asks for some rows at a time. Raises StoreUnavailable."""
        reader = AggregateReader(PlannedType(self.event_type), self.source)
        found: list[AggregateValues] = []
        for start in range(0, len(rows), AT_ONCE):
            occurrences = [row.occurrence for row in rows[start : start + AT_ONCE]]
            found += reader.begin(occurrences, [self.names] * len(occurrences), self.known_at).values()
        return found
