"""Aggregates of payments: one parallel round of reads for what is asked, and the values that come of it in time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fraudshield.aggregate.aggregate import EntityAggregate, aggregates_of
from fraudshield.aggregate.busy import busy_value
from fraudshield.aggregate.counter import span
from fraudshield.aggregate.measure import measured
from fraudshield.aggregate.port import (
    Answer,
    AskedNames,
    CounterQuestion,
    HistoryQuestion,
    HistorySource,
    NamedTypes,
    PendingReads,
    Question,
)
from fraudshield.aggregate.row import HistoryRead
from fraudshield.aggregate.value import NOT_READ, NOTHING, AggregateValue, AggregateValues
from fraudshield.errors import StoreUnavailable, UnknownEventType
from fraudshield.event_type.event_type import EventType
from fraudshield.transaction.occurrence import Occurrence
from fraudshield.transaction.transaction import Transaction


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for one payment: its aggregates, and by the field that each is over which question reads it."""

    occurrence: Occurrence
    aggregates: tuple[EntityAggregate, ...]
    questions: Mapping[str, int]

    def values(self, reads: Sequence[Answer], known_at: datetime) -> AggregateValues:
        return {one.name: self._value(one, reads, known_at) for one in self.aggregates}

    def _value(self, one: EntityAggregate, reads: Sequence[Answer], known_at: datetime) -> AggregateValue:
        if one.over not in self.questions:
            return NOTHING
        read, at = reads[self.questions[one.over]], self.occurrence.at
        if read is None:
            return NOT_READ
        if isinstance(read, HistoryRead):
            return measured(one, read, at, known_at)
        return busy_value(one, read, at, known_at)


@dataclass(frozen=True, slots=True)
class PendingAggregates:
    """Aggregates whose reads are under way. `known_at` is when they went out: nothing decided later counts."""

    asked: Sequence[_Asked]
    reads: PendingReads | None
    known_at: datetime

    def values(self) -> list[AggregateValues]:
        """The values of each payment by name, in order; what came late is among them and has none."""
        reads = self.reads.results() if self.reads else []
        return [one.values(reads, self.known_at) for one in self.asked]


@dataclass(frozen=True, slots=True)
class AggregateReader:
    """The `AggregateSource` port, by the event types in force or those that a file goes by."""

    types: NamedTypes
    history: HistorySource

    def begin(self, occurrences: Sequence[Occurrence], names: AskedNames, known_at: datetime) -> PendingAggregates:
        """Sends out what is asked: of each payment the aggregates of its names, and those that are always kept.

        Waits for nothing.
        """
        questions: list[Question] = []
        asked = [self._asked(*one, questions) for one in zip(occurrences, names, strict=True)]
        reads = self.history.begin(questions, len(occurrences)) if questions else None
        return PendingAggregates(asked, reads, known_at)

    def _asked(self, occurrence: Occurrence, names: Collection[str], questions: list[Question]) -> _Asked:
        event_type = self._type_of(occurrence.transaction)
        if event_type is None:
            return _Asked(occurrence, (), {})
        aggregates = aggregates_of(event_type).asked(names)
        asked: dict[str, int] = {}
        for over in dict.fromkeys(one.over for one in aggregates):
            alike = [one for one in aggregates if one.over == over]
            if (question := _question(occurrence, alike, event_type)) is not None:
                asked[over] = len(questions)
                questions.append(question)
        return _Asked(occurrence, aggregates, asked)

    def _type_of(self, transaction: Transaction) -> EventType | None:
        """The type was in force when the payment was read; should it be unknown by now, nothing is asked."""
        version = transaction.own.event_type if transaction.own else None
        if version is None:
            return None
        try:
            return self.types.named(version.name)
        except (StoreUnavailable, UnknownEventType):
            return None


def _question(occurrence: Occurrence, alike: Sequence[EntityAggregate], event_type: EventType) -> Question | None:
    """What these ask together, as far back as the widest of them; nothing where the payment has no such value."""
    first, transaction = alike[0], occurrence.transaction
    value = _held(transaction, first.over)
    if not isinstance(value, str):
        return None
    windows = [one.within for one in alike if one.within is not None]
    if first.busy:
        return CounterQuestion(first.entity, value, *span(occurrence.at, max(windows)))
    since = occurrence.at - max(windows) if len(windows) == len(alike) else None
    slots = event_type.slots.get(first.entity, ())
    return HistoryQuestion(first.entity, first.role, slots, value, occurrence.at, since, transaction.transaction_id)


def _held(transaction: Transaction, name: str) -> object:
    return transaction.values.get(name)
