"""Telling the topic what was closed: at least once each, in order, from where the last run came to."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from fraudshield.review.port import ClosedReview, Closings

TOGETHER = 100  # reviews between two notes of how far it came


class ReviewTopic(Protocol):
    """Where closed reviews are told."""

    def tell(self, reviews: Sequence[ClosedReview]) -> None:
        """Tells them. Raises QueueUnavailable where any was not: then some may be told again."""


class ToldPosition(Protocol):
    """How far the topic has been told."""

    def read(self) -> Sequence[str]:
        """The position after the last one, empty at first. Raises StoreUnavailable."""

    def note(self, before: Sequence[str], position: Sequence[str]) -> bool:
        """Moves it on from where it was read; false where another run has moved it. Raises StoreUnavailable."""


def tell_closed(
    closings: Closings, topic: ReviewTopic, told: ToldPosition, now: datetime, may_go_on: Callable[[], bool]
) -> int:
    """Tells all that is closed and was not told yet, as long as it may go on; returns how many.

    Who dies between telling and noting tells once more. Raises StoreUnavailable, QueueUnavailable.
    """
    position, number = told.read(), 0
    while may_go_on():
        page = closings.after(position, TOGETHER, now)
        if not page.reviews:
            break
        topic.tell(page.reviews)
        number += len(page.reviews)
        if not told.note(position, page.position):
            break
        position = page.position
    return number
