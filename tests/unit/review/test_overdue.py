"""Overdue reviews: by the policy of their own type, from the moment after their time."""

from datetime import timedelta

import pytest

from fraudshield.policy.owner import Owners
from fraudshield.policy.policy import first_policy, read_policy_change
from fraudshield.review.overdue import OpenReview, overdue
from tests.fakes import NOW

HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)


class FakeHeld:
    def __init__(self, *reviews: OpenReview) -> None:
        self._reviews = reviews

    def held(self) -> tuple[OpenReview, ...]:
        return self._reviews


def test_a_review_is_overdue_when_its_time_is_over() -> None:
    held = FakeHeld(OpenReview(NOW - HOUR), OpenReview(NOW - HOUR - TICK), OpenReview(NOW))
    assert overdue(held, lambda _: HOUR, NOW) == 1


def test_where_nobody_says_a_time_nothing_is_counted() -> None:
    held = FakeHeld(OpenReview(NOW - 1000 * HOUR))
    assert overdue(held, lambda _: None, NOW) is None
    assert overdue(FakeHeld(), lambda _: HOUR, NOW) == 0


def test_each_type_goes_by_its_own_policy() -> None:
    within: dict[Owners, timedelta | None] = {
        ("payment",): None,
        ("card",): HOUR,
        ("web", "payment"): 2 * HOUR,
    }
    late = NOW - HOUR - TICK
    reviews = (OpenReview(late), OpenReview(late, "card", is_payment=False), OpenReview(late, "web"))
    assert overdue(FakeHeld(*reviews), within.__getitem__, NOW) == 1


@pytest.mark.parametrize(("text", "length"), [("90s", 90), ("15m", 900), ("36h", 129_600), ("2d", 172_800)])
def test_a_policy_says_within_what_time(text: str, length: int) -> None:
    sent = {"based_on": 1, "thresholds": {"review": 1, "block": 1}, "review_within": text}
    assert read_policy_change(sent).of(first_policy()).decided_within == timedelta(seconds=length)
