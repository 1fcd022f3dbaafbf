"""The lists that the rules in force ask, read for the payments of one call at once."""

from collections.abc import Collection, Sequence
from typing import Protocol

from fraudshield.expression.names import ListQuestion
from fraudshield.transaction.transaction import Transaction
from fraudshield.value_list.answer import NO_ANSWERS, ListAnswers

Asking = Sequence[tuple[Transaction, Collection[ListQuestion]]]  # payments, and what their rules ask of each


class PendingAnswers(Protocol):
    """Answers that are on their way."""

    def answers(self) -> list[ListAnswers]:
        """The answers of each payment, in order; what came late is among them as None. Never raises."""


class ListSource(Protocol):
    """What lists hold of the payments that are to be decided."""

    def begin(self, asking: Asking) -> PendingAnswers:
        """Sends out what is not known; nothing where nothing is asked. Waits for nothing and never raises."""


class NoAnswers:
    """Of so many payments, whose rules ask no list."""

    def __init__(self, payments: int) -> None:
        self._payments = payments

    def answers(self) -> list[ListAnswers]:
        """Nothing of each."""
        return [NO_ANSWERS] * self._payments


class NoLists:
    """A `ListSource` that knows no list."""

    def begin(self, asking: Asking) -> NoAnswers:
        """Sends out nothing."""
        return NoAnswers(len(asking))


WITHOUT_LISTS = NoLists()
