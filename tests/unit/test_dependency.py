"""Whether what a service stands on answers: in bounded time, remembered for a moment, and never by hanging."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Event

import pytest

from fraudshield.budget import HEALTH_CACHE_S, HEALTH_S, PROBE_S
from fraudshield.dependency import Dependency, DependencyCheck, Missing, Needs
from fraudshield.errors import StoreUnavailable, Unavailable

FAILURES = [Unavailable("late"), StoreUnavailable("no secret")]
SHORT_S, LONG_S = 0.5, 60.0


@dataclass
class Asked:
    """A dependency that answers, fails or never comes back, and counts how often it is asked."""

    failures: list[Exception] = field(default_factory=list)
    silent: Event | None = None
    times: int = 0

    def __call__(self) -> None:
        self.times += 1
        if self.silent:
            self.silent.wait(LONG_S)
        if self.failures:
            raise self.failures.pop()


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def silent() -> Iterator[Asked]:
    """One that never answers."""
    over = Event()
    yield Asked(silent=over)
    over.set()


def store(ask: Callable[[], object]) -> Dependency:
    return Dependency("the table", "store_unavailable", lambda: ask)


def queue(ask: Callable[[], object]) -> Dependency:
    return Dependency("the queue", "queue_unavailable", lambda: ask)


def down() -> Asked:
    return Asked([Unavailable("late")] * 9)


def missing(needs: Needs) -> Missing:
    return DependencyCheck(needs).missing()


def test_what_answers_is_not_missing() -> None:
    assert missing(Needs(vital=[(store(Asked()),)], besides=[queue(Asked())])) == Missing()


@pytest.mark.parametrize("failure", FAILURES, ids=lambda one: type(one).__name__)
def test_what_fails_twice_is_missing(failure: Exception) -> None:
    assert missing(Needs(vital=[], besides=[store(Asked([failure] * 2))])) == Missing(("store_unavailable",))


def test_one_failure_is_asked_again_before_it_is_said() -> None:
    assert missing(Needs(vital=[(store(Asked([Unavailable("late")])),)])) == Missing()


def test_without_what_is_vital_the_service_cannot_work() -> None:
    found = missing(Needs(vital=[(store(down()),)], besides=[queue(Asked())]))
    assert found == Missing(("store_unavailable",), ("the table",))


@pytest.mark.parametrize(
    ("first", "second", "fatal"),
    [(down(), Asked(), ()), (Asked(), down(), ()), (down(), down(), ("the table", "the queue"))],
)
def test_of_two_that_stand_in_for_each_other_one_is_enough(first: Asked, second: Asked, fatal: tuple[str, ...]) -> None:
    assert missing(Needs(vital=[(store(first), queue(second))])).fatal == fatal


def test_what_never_answers_is_missing_and_does_not_hold_up_the_others(silent: Asked) -> None:
    needs = Needs(vital=[(store(silent),)], besides=[queue(Asked())])
    assert DependencyCheck(needs, wait_s=SHORT_S).missing().codes == ("store_unavailable",)


def test_the_same_code_is_named_once() -> None:
    other = Dependency("another queue", "queue_unavailable", down)
    assert missing(Needs(vital=[], besides=[queue(down()), other])).codes == ("queue_unavailable",)


def test_what_was_found_is_remembered_for_a_moment_and_no_longer() -> None:
    clock, asked = Clock(), Asked()
    check = DependencyCheck(Needs(vital=[(store(asked),)]), clock)
    check.missing()
    clock.now += HEALTH_CACHE_S - 0.001
    check.missing()
    assert asked.times == 1
    asked.failures = [Unavailable("late")] * 2
    clock.now += 0.001
    assert check.missing().codes == ("store_unavailable",)


def test_those_that_never_come_back_do_not_become_more_and_more(silent: Asked) -> None:
    clock = Clock()
    check = DependencyCheck(Needs(vital=[(store(silent),)]), clock, SHORT_S)
    for _ in range(5):
        check.missing()
        clock.now += HEALTH_CACHE_S
    assert silent.times == 2


def test_all_of_it_fits_into_what_the_gateway_waits() -> None:
    assert PROBE_S <= HEALTH_S / 2
    assert HEALTH_CACHE_S <= 5
