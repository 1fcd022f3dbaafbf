"""Reviews that are overdue: held for longer than the policy of their event type says, and still open."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from fraudshield.event_type.payment import NAME
from fraudshield.policy.owner import PAYMENT, Owners


@dataclass(frozen=True, slots=True)
class OpenReview:
    """A payment that is held for review: since when, of which type, and whether that is or extends `payment`."""

    decided_at: datetime
    event_type: str = NAME
    is_payment: bool = True

    @property
    def owners(self) -> Owners:
        """Whose policy says until when it should be decided."""
        if self.event_type == NAME:
            return PAYMENT
        return (self.event_type, NAME) if self.is_payment else (self.event_type,)


class HeldReviews(Protocol):
    """The payments that are held for review."""

    def held(self) -> Iterable[OpenReview]:
        """The dearest some thousands of them. Raises StoreUnavailable."""


def overdue(reviews: HeldReviews, within: Callable[[Owners], timedelta | None], now: datetime) -> int | None:
    """How many are overdue; None where nobody says within what time any of them should be decided.

    Raises StoreUnavailable.
    """
    limits: dict[Owners, timedelta | None] = {PAYMENT: within(PAYMENT)}
    late = 0
    for one in reviews.held():
        if one.owners not in limits:
            limits[one.owners] = within(one.owners)
        limit = limits[one.owners]
        late += limit is not None and one.decided_at + limit < now
    return late if any(limit is not None for limit in limits.values()) else None
