"""Where decisions are stored, and where they wait when they cannot be stored."""

from collections.abc import Sequence
from typing import Protocol

from fraudshield.errors import StoreUnavailable, TransactionConflict
from fraudshield.scoring.decision import Decision, ScoredTransaction

Kept = Decision | TransactionConflict | StoreUnavailable


class TransactionStore(Protocol):
    """Transactions with their first decision, written once each."""

    def add(self, scored: Sequence[ScoredTransaction], stop_at: float) -> list[Kept]:
        """Store each decision that is new; one result for each input, in order. Never raises.

        The result is the decision that is stored now: the one given, or for a repeated transaction
        its first one; a conflict where the id is taken by another content; or StoreUnavailable.
        No write starts after `stop_at` (`time.monotonic()` seconds).
        """

    def find(self, transaction_id: str) -> ScoredTransaction | None:
        """The stored transaction; None too where it was stored without a decision. Raises StoreUnavailable."""


class ParkingQueue(Protocol):
    """Where decisions wait that were given out but could not be stored."""

    def park(self, scored: Sequence[ScoredTransaction]) -> None:
        """Park all of them, within `budget.PARK_S`. Raises QueueUnavailable when any may be missing."""
