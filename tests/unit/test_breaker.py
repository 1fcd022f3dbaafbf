"""The breaker, by a clock of its own."""

import pytest

from fraudshield.breaker import Breaker
from fraudshield.budget import BREAKER_S


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_it_is_closed_until_something_fails(clock: Clock) -> None:
    assert not Breaker(clock=clock).is_open


def test_it_is_open_for_its_time_and_not_longer(clock: Clock) -> None:
    breaker = Breaker(clock=clock)
    breaker.trip()
    clock.now += BREAKER_S - 0.001
    assert breaker.is_open
    clock.now += 0.001
    assert not breaker.is_open


def test_another_failure_counts_from_itself(clock: Clock) -> None:
    breaker = Breaker(open_s=5, clock=clock)
    breaker.trip()
    clock.now += 4
    breaker.trip()
    clock.now += 4
    assert breaker.is_open
