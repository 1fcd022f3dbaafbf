"""Lists as of a time in the past: what a decision of then would have been told, had it asked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from fraudshield.expression.names import ListQuestion
from fraudshield.transaction.transaction import Transaction
from fraudshield.value_list.answer import ListAnswers, sought
from fraudshield.value_list.value_list import ListEntry

Place = tuple[str, str]  # a list's name and a value


class ListHistory(Protocol):
    """The entries of lists with all that is remembered of them."""

    def entries(self, places: Sequence[Place]) -> Mapping[Place, ListEntry]:
        """Those of the entries that there are; ones that have left their list lately too. Raises StoreUnavailable."""


@dataclass(frozen=True, slots=True)
class AskedAt:
    """A payment, when it was decided, and what rules ask of it."""

    transaction: Transaction
    at: datetime
    questions: Collection[ListQuestion]


@dataclass(frozen=True, slots=True)
class ListsAsOf:
    """Answers for many payments of different times; what several ask alike is read once."""

    history: ListHistory
    known: dict[Place, ListEntry | None] = field(default_factory=dict)

    def answers(self, asked: Sequence[AskedAt]) -> list[ListAnswers]:
        """The answers of each, in order. Raises StoreUnavailable."""
        texts = [sought(one.transaction, one.questions) for one in asked]
        places = dict.fromkeys((one.list_name, text) for found in texts for one, text in found.items())
        missing = [place for place in places if place not in self.known]
        if missing:
            found = self.history.entries(missing)
            self.known.update({place: found.get(place) for place in missing})
        return [
            {question: self.was_on(question.list_name, text, one.at) for question, text in found.items()}
            for one, found in zip(asked, texts, strict=True)
        ]

    def was_on(self, name: str, value: str, at: datetime) -> bool:
        """Whether a value was on a list then; it is read where that was not asked before. Raises StoreUnavailable."""
        place = (name, value)
        if place not in self.known:
            self.known[place] = self.history.entries([place]).get(place)
        entry = self.known[place]
        return entry is not None and entry.is_on(at)
