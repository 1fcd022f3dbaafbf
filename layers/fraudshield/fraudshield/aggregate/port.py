"""Where the history of a payment's card, device or account comes from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fraudshield.aggregate.counter import HourCount
from fraudshield.aggregate.row import HistoryRead
from fraudshield.aggregate.value import AggregateValues
from fraudshield.event_type.event_type import EventType
from fraudshield.transaction.occurrence import Occurrence


@dataclass(frozen=True, slots=True)
class HistoryQuestion:
    """Which earlier payments are asked for: those of one `value` of an `entity`, before `at` and after `since`.

    Of accounts only those that they made or received, as `role` says; of others those that name it in a field of any of
    the `slots`. The payment itself, `own`, is left out.
    """

    entity: str
    role: str | None
    slots: tuple[int, ...]
    value: str
    at: datetime
    since: datetime | None
    own: str


@dataclass(frozen=True, slots=True)
class CounterQuestion:
    """Which counters are asked for: those of one `value` of a busy `entity`, from hour to hour, `until` left out."""

    entity: str
    value: str
    since: datetime
    until: datetime


Question = HistoryQuestion | CounterQuestion
CounterRead = tuple[HourCount, ...]
AskedNames = Sequence[Collection[str]]  # the names of aggregates, for each payment
Answer = HistoryRead | CounterRead | None  # as the question is; None where it did not come in time


class NamedTypes(Protocol):
    """The event types that aggregates are of, by name."""

    def named(self, name: str) -> EventType:
        """The version that counts. Raises UnknownEventType, StoreUnavailable."""


class PendingReads(Protocol):
    """Reads that are under way."""

    def results(self) -> Sequence[Answer]:
        """One for each question, in order. Never raises, but StoreUnavailable where nothing may be left out."""


class HistorySource(Protocol):
    """The earlier payments of entities, and the counters of busy ones."""

    def begin(self, questions: Sequence[Question], payments: int) -> PendingReads:
        """Sends all questions at once, of so many payments, and waits for none. Raises as `results`.

        At most `row.MOST_ROWS` rows for each, the newest, of payments that have a decision.
        """


class PendingValues(Protocol):
    """Aggregates that are on their way."""

    def values(self) -> list[AggregateValues]:
        """The values of each payment by name, in order; what came late is among them and has none. Never raises."""


class AggregateSource(Protocol):
    """What earlier payments say of those that are to be decided."""

    def begin(self, occurrences: Sequence[Occurrence], names: AskedNames, known_at: datetime) -> PendingValues:
        """Sends out what is asked: of each payment the aggregates of its names, and those that are always kept.

        Waits for nothing. Nothing that was decided at `known_at` or later counts. Never raises.
        """
