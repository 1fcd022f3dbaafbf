"""Counters of busy entities that this process has read, so that a merchant's many payments do not each read them.

No hour's counters are ever final: a payment may be decided late, and a label said or taken back at any time. So what
was read is kept for a minute, and not over the turn of an hour, from which on more of it counts; nor is kept what was
read while the stream's consumer may still be counting the hour before.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock

from fraudshield.aggregate.counter import full_hour
from fraudshield.aggregate.port import CounterQuestion, CounterRead

KEPT_S = 60.0
SETTLING = timedelta(seconds=15)  # after the turn of an hour; the consumer lags by a second or two
MOST_HOURS = 20_000  # of all entities: some 10 MB


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class KeptCounters:
    """What was read, until when it serves (`time.monotonic()`), and in which hour."""

    read: CounterRead
    until: float
    hour: datetime


class CounterCache:
    """The counters that were read in the last minute. Threads may share it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, now: Callable[[], datetime] = now) -> None:
        self._clock, self._now = clock, now
        self._kept: dict[CounterQuestion, KeptCounters] = {}
        self._hours = 0
        self._lock = Lock()

    def get(self, question: CounterQuestion) -> CounterRead | None:
        """The answer, where one is kept that still serves."""
        found = self._kept.get(question)
        serves = found is not None and self._clock() < found.until and full_hour(self._now()) == found.hour
        return found.read if found is not None and serves else None

    def keep(self, question: CounterQuestion, read: CounterRead, asked_at: float) -> None:
        """Keep an answer that was asked for at a time of the clock. The oldest go where it is too much."""
        moment = self._now()
        if moment - full_hour(moment) < SETTLING + timedelta(seconds=self._clock() - asked_at):
            return
        with self._lock:
            self._drop(question)
            self._kept[question] = KeptCounters(read, asked_at + KEPT_S, full_hour(moment))
            self._hours += len(read) + 1
            while self._hours > MOST_HOURS:
                self._drop(next(iter(self._kept)))

    def _drop(self, question: CounterQuestion) -> None:
        gone = self._kept.pop(question, None)
        if gone is not None:
            self._hours -= len(gone.read) + 1

    @property
    def asked_at(self) -> float:
        """The clock now."""
        return self._clock()
