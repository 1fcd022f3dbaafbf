"""The next review: of those that wait, dearest first, the first one that nobody else has."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from fraudshield.review.port import Reviews
from fraudshield.review.review import Claim

MOST_TRIED = 50  # others would have to claim as many in the moment since the queue was read


class WaitingPayment(Protocol):
    """A payment that waits for a verdict."""

    @property
    def transaction_id(self) -> str:
        """Its id."""


Row = TypeVar("Row", bound=WaitingPayment)


@dataclass(frozen=True, slots=True)
class ClaimedRow(Generic[Row]):
    """A payment of the queue, and the claim on it that was just made."""

    row: Row
    claim: Claim


def claim_next(reviews: Reviews, queue: Iterable[Row], skipped: Collection[str]) -> ClaimedRow[Row] | None:
    """Claims the first of the queue that can be claimed and was not skipped; None where there is none.

    Raises StoreUnavailable.
    """
    tried = 0
    for row in queue:
        if row.transaction_id in skipped:
            continue
        if (claim := reviews.claim(row.transaction_id)) is not None:
            return ClaimedRow(row, claim)
        tried += 1
        if tried == MOST_TRIED:
            break
    return None
