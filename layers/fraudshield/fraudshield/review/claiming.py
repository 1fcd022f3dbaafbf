"""The next review: of those that wait, dearest first, the first one that nobody else has."""

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Generic, Protocol, TypeVar

from fraudshield.errors import StoreUnavailable
from fraudshield.review.port import Reviews
from fraudshield.review.review import Claim

READ_AT_ONCE = 100  # claims, by one call


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


def claim_next(
    reviews: Reviews, queue: Iterable[Row], skipped: Collection[str], stop_at: float
) -> ClaimedRow[Row] | None:
    """Claims the first of the queue that can be claimed and was not skipped; None where there is none.

    Which ones others hold is read for many at once, so that they cost no try of their own each. None is tried after
    `stop_at` (`time.monotonic()` seconds). Raises StoreUnavailable, also where the time was up before the queue's end.
    """
    waiting = (row for row in queue if row.transaction_id not in skipped)
    while rows := list(islice(waiting, READ_AT_ONCE)):
        held = reviews.held([row.transaction_id for row in rows])
        for row in rows:
            if row.transaction_id in held:
                continue
            if time.monotonic() >= stop_at:
                raise StoreUnavailable("Others took one review after the other; try again")
            if (claim := reviews.claim(row.transaction_id)) is not None:
                return ClaimedRow(row, claim)
    return None
