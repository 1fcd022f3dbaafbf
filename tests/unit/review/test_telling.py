"""Telling what was closed: all of it, at least once, through failures between any two steps."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from fraudshield.errors import QueueUnavailable
from fraudshield.review.port import ClosedPage, ClosedReview
from fraudshield.review.telling import TOGETHER, tell_closed
from tests.fakes import NOW


def closed(number: int) -> ClosedReview:
    return ClosedReview(f"v{number:04d}", f"t{number}", "release", NOW, None, None, None, None)


@dataclass(slots=True)
class FakeClosings:
    reviews: list[ClosedReview]

    def after(self, position: Sequence[str], most: int, now: datetime) -> ClosedPage:
        assert now == NOW
        found = [one for one in self.reviews if not position or one.verdict_id > position[0]][:most]
        return ClosedPage(found, [found[-1].verdict_id] if found else position)


@dataclass(slots=True)
class FakeTopic:
    fails_after: int = 10**9
    told: list[str] = field(default_factory=list)

    def tell(self, reviews: Sequence[ClosedReview]) -> None:
        for one in reviews:
            if len(self.told) == self.fails_after:
                self.fails_after = 10**9
                raise QueueUnavailable("no")
            self.told.append(one.verdict_id)


@dataclass(slots=True)
class FakePosition:
    position: Sequence[str] = ()

    def read(self) -> Sequence[str]:
        return self.position

    def note(self, before: Sequence[str], position: Sequence[str]) -> bool:
        if self.position != before:
            return False
        self.position = position
        return True


def test_all_is_told_in_order_and_once() -> None:
    closings, topic, told = FakeClosings([closed(n) for n in range(2 * TOGETHER + 5)]), FakeTopic(), FakePosition()
    assert tell_closed(closings, topic, told, NOW, lambda: True) == 2 * TOGETHER + 5
    assert topic.told == [one.verdict_id for one in closings.reviews]
    assert tell_closed(closings, topic, told, NOW, lambda: True) == 0
    closings.reviews.append(closed(9999))
    assert tell_closed(closings, topic, told, NOW, lambda: True) == 1


@pytest.mark.parametrize("fails_after", [0, 1, TOGETHER - 1, TOGETHER, TOGETHER + 1])
def test_what_failed_is_told_by_the_next_run(fails_after: int) -> None:
    closings, topic, told = (
        FakeClosings([closed(n) for n in range(TOGETHER + 3)]),
        FakeTopic(fails_after),
        FakePosition(),
    )
    with pytest.raises(QueueUnavailable):
        tell_closed(closings, topic, told, NOW, lambda: True)
    tell_closed(closings, topic, told, NOW, lambda: True)
    assert sorted({*topic.told}) == [one.verdict_id for one in closings.reviews]


def test_a_run_that_may_not_go_on_leaves_the_rest() -> None:
    closings, topic, told = FakeClosings([closed(n) for n in range(3 * TOGETHER)]), FakeTopic(), FakePosition()
    may = iter([True, True, False])
    assert tell_closed(closings, topic, told, NOW, lambda: next(may)) == 2 * TOGETHER
    assert tell_closed(closings, topic, told, NOW, lambda: True) == TOGETHER


def test_of_two_runs_that_overlap_one_goes_on() -> None:
    closings, told = FakeClosings([closed(n) for n in range(2 * TOGETHER)]), FakePosition()

    class Overtaken(FakeTopic):
        def tell(self, reviews: Sequence[ClosedReview]) -> None:
            super().tell(reviews)
            told.position = [reviews[-1].verdict_id, "by another"]

    topic = Overtaken()
    assert tell_closed(closings, topic, told, NOW, lambda: True) == TOGETHER
    assert len(topic.told) == TOGETHER
