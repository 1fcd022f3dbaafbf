"""Where the counts of what was stored are read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from fraudshield.analytics.category.category import CategoryRegister
from fraudshield.analytics.destination import Destinations

Counters = Mapping[str, Decimal]  # by name; see delta.py


@dataclass(frozen=True, slots=True)
class Slice:
    """What was counted of a day (`2026-11-24`) or an hour (`2026-11-24T10`) by a source and a model version."""

    at: str
    source: str
    version: str
    counters: Counters


class DailyCounts(Protocol):
    """What is counted by day or hour: of everything, or of a category."""

    def slices(self, series: str, first: str, last: str) -> Iterator[Slice]:
        """Of a series that is kept by day or hour, from the first to the last of those, both included, in order.

        Reads grow with the time between them and not with what was counted. Raises StoreUnavailable.
        """

    def destinations(self, first: str, last: str) -> Iterator[tuple[str, Destinations]]:
        """Source and list of the dearest flagged destinations, day by day, both included. Raises StoreUnavailable."""


class Aggregates(DailyCounts, Protocol):
    """Counts of what was stored. They follow the table's stream, so they may lag behind it a little."""

    def days(self, first: date, last: date) -> Iterator[date]:
        """The days (of `occurred_at`, UTC) that have transactions, newest first, both ends included.

        Read as far as the caller goes. What was stored a moment ago may be missing: whoever lists
        transactions looks at today and yesterday whatever this says. Raises StoreUnavailable.
        """

    def totals(self) -> Mapping[str, Counters]:
        """All that was counted, by source. One read. Raises StoreUnavailable."""

    def day(self, day: date) -> Mapping[str, Counters]:
        """What was counted of one day, by source. One read. Raises StoreUnavailable."""

    def histogram(self) -> Mapping[str, Counters]:
        """How many amounts fell in each band, in some parts that belong together. One read. Raises StoreUnavailable."""

    def extremes(self) -> Mapping[str, Mapping[str, str]]:
        """`least` and `most` amount, `earliest` and `latest` instant, by source. One read. Raises StoreUnavailable."""

    def as_of(self) -> datetime | None:
        """When the newest change was made that is counted; None before the first. Raises StoreUnavailable."""


@dataclass(frozen=True, slots=True)
class RuleDay:
    """What was counted of a rule on a day, and marks of the accounts whose payments it held for."""

    day: str
    code: str
    counters: Counters
    accounts: frozenset[str]


class RuleCounts(Protocol):
    """The counts of rules."""

    def rules(self, event_type: str, first: str, last: str) -> Iterator[RuleDay]:
        """Day by day from the first to the last, both included. Raises StoreUnavailable."""


class AggregatesByCategory(Aggregates, Protocol):
    """The counts, and which values of category fields have some of their own, as series that `Category` names."""

    def register(self, event_type: str, name: str) -> CategoryRegister:
        """Which values of a category field are counted apart. Raises StoreUnavailable."""
