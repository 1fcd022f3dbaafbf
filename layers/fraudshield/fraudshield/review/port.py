"""The ports of reviews: claims and verdicts, notes, and what was closed."""

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from fraudshield.audit.audit import Author
from fraudshield.review.note import Note
from fraudshield.review.review import Claim, Review, SaidVerdict, Verdicts


class Reviews(Protocol):
    """Claims and verdicts beside their transactions, each change with its entry in the audit log, or neither.

    Every call raises NotFound where there is no such transaction, StoreUnavailable.
    """

    def find(self, transaction_id: str) -> Review:
        """The review of a payment as it is now."""

    def held(self, transaction_ids: Sequence[str]) -> Set[str]:
        """Those of up to 100 payments on which somebody has a claim that still holds."""

    def claim(self, transaction_id: str) -> Claim | None:
        """Claims an open review; None where another was faster, or nothing is to be decided any more."""

    def extend(self, transaction_id: str, token: str) -> Claim:
        """Gives a claim its whole time again, also one that has expired and nobody took. Raises ClaimLost."""

    def release(self, transaction_id: str, token: str) -> None:
        """Gives a claim back, so that the next one who asks may have the review. Raises ClaimLost."""

    def give(
        self, transaction_id: str, said: SaidVerdict, token: str | None, by: Author, stop_at: float = math.inf
    ) -> Verdicts:
        """Gives a verdict, in the place of the one that stands; returns all there were, oldest first.

        It is safe to repeat: the verdict that stands is not given again. No attempt begins later than `STORE_S` before
        `stop_at` (`time.monotonic()` seconds). Raises ClaimLost, NothingToReview.
        """

    def undo(self, transaction_id: str, token: str | None, by: Author, stop_at: float = math.inf) -> Verdicts:
        """Undoes the verdict that stands; the one before it, where there is one, stands again.

        A repeat of the same request changes nothing; `stop_at` is that of `give`. Raises NotFound where none stands,
        ClaimLost, VerdictFinal.
        """


class Notes(Protocol):
    """What people wrote about a payment, in order."""

    def add(self, transaction_id: str, text: str, by: Author) -> Note:
        """Keeps a note, with its entry in the audit log. Raises NotFound, StoreUnavailable."""

    def of(self, transaction_id: str) -> Sequence[Note]:
        """The newest notes about it, oldest first. Raises StoreUnavailable."""


@dataclass(frozen=True, slots=True)
class ClosedReview:
    """A verdict that can no longer be undone. `verdict_id` tells it from others about the same payment."""

    verdict_id: str
    transaction_id: str
    verdict: str
    closed_at: datetime
    label: str | None
    reason: str | None
    amount: Decimal | None
    event_type: str | None
    amount_currency: str | None = None


@dataclass(frozen=True, slots=True)
class ClosedPage:
    """Closed reviews in the order of closing, and the position after the last of them."""

    reviews: Sequence[ClosedReview]
    position: Sequence[str]


class Closings(Protocol):
    """What was closed, in order."""

    def after(self, position: Sequence[str], most: int, now: datetime) -> ClosedPage:
        """Those that closed after a position (empty: the beginning) and are final by now. Raises StoreUnavailable."""
