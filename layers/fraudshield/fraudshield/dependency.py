"""What a service stands on outside of itself, and whether it answers: asked in parallel, in bounded time."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import chain

from fraudshield.budget import ATTEMPTS, HEALTH_CACHE_S, PROBE_S
from fraudshield.errors import Unavailable

Question = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Dependency:
    """Something that a service stands on, and the `code` of its absence.

    `connect` makes what is needed before the clock starts, and returns the question, which raises Unavailable where
    no answer comes.
    """

    name: str
    code: str
    connect: Callable[[], Question]


@dataclass(frozen=True, slots=True)
class Needs:
    """What a service stands on: without one of each of `vital` it cannot work, without those `besides` in part."""

    vital: Sequence[Sequence[Dependency]]
    besides: Sequence[Dependency] = ()

    @property
    def all(self) -> list[Dependency]:
        """Every dependency."""
        return [*chain.from_iterable(self.vital), *self.besides]


@dataclass(frozen=True, slots=True)
class Missing:
    """What does not answer; `fatal` are those without which the service cannot work."""

    codes: tuple[str, ...] = ()
    fatal: tuple[str, ...] = ()


class DependencyCheck:
    """Asks what a service needs, at most once in `HEALTH_CACHE_S`, and waits no longer than `PROBE_S` for all of it."""

    def __init__(self, needs: Needs, clock: Callable[[], float] = time.monotonic, wait_s: float | None = None) -> None:
        self._needs = needs
        self._wait_s = PROBE_S if wait_s is None else wait_s
        self._clock = clock
        self._pool = ThreadPoolExecutor(2 * len(needs.all) or 1, thread_name_prefix="health")
        self._found = Missing()
        self._fresh_until = float("-inf")

    def missing(self) -> Missing:
        """What does not answer now, or did not a moment ago. Never raises."""
        if self._clock() >= self._fresh_until:
            self._found = self._look()
            self._fresh_until = self._clock() + HEALTH_CACHE_S
        return self._found

    def _look(self) -> Missing:
        questions = {one.name: one.connect() for one in self._needs.all}
        asked = {name: self._pool.submit(_answered, question) for name, question in questions.items()}
        wait(asked.values(), timeout=self._wait_s)
        there = {name for name, future in asked.items() if future.done() and future.result()}
        for future in asked.values():
            future.cancel()  # those that found no thread: all are held by calls that never end
        gone = [one for one in self._needs.all if one.name not in there]
        fatal = [group for group in self._needs.vital if not any(one.name in there for one in group)]
        return Missing(_codes(gone), tuple(one.name for group in fatal for one in group))


def _answered(question: Question) -> bool:
    for _ in range(ATTEMPTS):
        try:
            question()
        except Unavailable:
            continue
        return True
    return False


def _codes(gone: Sequence[Dependency]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.code for one in gone))
