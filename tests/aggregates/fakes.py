"""Where aggregates come from, in memory."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from fraudshield.aggregate.port import Answer, AskedNames, HistoryQuestion, Question
from fraudshield.aggregate.row import HistoryRead, HistoryRow
from fraudshield.aggregate.value import AggregateValue, AggregateValues
from fraudshield.transaction.occurrence import Occurrence


class FakeHistory:
    """The rows of each entity by its field's value; what is in `late` does not come. Every question is remembered."""

    def __init__(self, late: Collection[str] = (), **rows: Sequence[HistoryRow]) -> None:
        self.rows = rows
        self.late = late
        self.asked: list[HistoryQuestion] = []

    def begin(self, questions: Sequence[Question], payments: int) -> "FakeReads":
        asked = [one for one in questions if isinstance(one, HistoryQuestion)]
        self.asked += asked
        return FakeReads([self._read(one) for one in asked])

    def _read(self, question: HistoryQuestion) -> HistoryRead | None:
        if question.value in self.late:
            return None
        return HistoryRead(tuple(self.rows.get(question.value, ())))


@dataclass(frozen=True)
class FakeReads:
    """What was asked, answered."""

    reads: Sequence[Answer]

    def results(self) -> Sequence[Answer]:
        return self.reads


class FakeAggregates:
    """What earlier payments say of each payment."""

    def __init__(self, **found: AggregateValue) -> None:
        self.found = found
        self.known_at: list[datetime] = []

    def begin(self, occurrences: Sequence[Occurrence], names: AskedNames, known_at: datetime) -> "FakeValues":
        self.known_at.append(known_at)
        return FakeValues([self.found] * len(occurrences))


@dataclass(frozen=True)
class FakeValues:
    """They are there already."""

    found: list[AggregateValues]

    def values(self) -> list[AggregateValues]:
        return self.found
