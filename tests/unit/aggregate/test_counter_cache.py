"""Counters that were read a moment ago are not read again, and never over the turn of an hour."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from fraudshield.aggregate.counter import HourCount
from fraudshield.aggregate.counter_cache import MOST_HOURS, CounterCache
from fraudshield.aggregate.dynamo import DynamoHistory
from fraudshield.aggregate.port import CounterQuestion
from fraudshield.breaker import Breaker

HALF_PAST = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)


@dataclass
class Clock:
    at: datetime = HALF_PAST
    ran_s: float = 1000.0

    def passes(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.ran_s += seconds


def cache(clock: Clock) -> CounterCache:
    return CounterCache(lambda: clock.ran_s, lambda: clock.at)


def question(value: str = "T1", at: datetime = HALF_PAST) -> CounterQuestion:
    return CounterQuestion("terminal", value, at - timedelta(days=1), at)


def read(hours: int = 1) -> tuple[HourCount, ...]:
    return tuple(HourCount(HALF_PAST - timedelta(hours=at), {"n": Decimal(1)}) for at in range(hours))


def test_what_was_read_serves_for_a_minute() -> None:
    clock = Clock()
    counters = cache(clock)
    counters.keep(question(), read(), clock.ran_s)
    clock.passes(59.9)
    assert counters.get(question()) == read()
    assert counters.get(question("T2")) is None
    clock.passes(0.2)
    assert counters.get(question()) is None


def test_the_turn_of_an_hour_ends_it_since_more_counts_from_then_on() -> None:
    clock = Clock(HALF_PAST + timedelta(minutes=29, seconds=50))
    counters = cache(clock)
    counters.keep(question(), read(), clock.ran_s)
    clock.passes(9)
    assert counters.get(question()) == read()
    clock.passes(1)
    assert counters.get(question()) is None


def test_nothing_is_kept_while_the_hour_before_may_still_be_counted() -> None:
    for asked_s, kept in ((-1, False), (0, False), (14, False), (15, True)):
        clock = Clock(HALF_PAST + timedelta(minutes=30, seconds=asked_s))
        counters, asked_at = cache(clock), clock.ran_s
        clock.passes(2)
        counters.keep(question(), read(), asked_at)
        assert (counters.get(question()) is not None) == kept, asked_s


def test_the_oldest_go_where_it_is_too_much() -> None:
    clock = Clock()
    counters = cache(clock)
    for at in range(4):
        counters.keep(question(f"T{at}"), read(MOST_HOURS // 3), clock.ran_s)
    assert [counters.get(question(f"T{at}")) is not None for at in range(4)] == [False, False, True, True]


@dataclass
class FakeReads:
    """Calls that are made at once, and counted."""

    made: int = 0
    results_of: list[Any] = field(default_factory=list)

    def begin(self, calls: Any, stop_at: float) -> "FakeReads":
        self.made += len(calls)
        return FakeReads(results_of=[one() for one in calls])

    def results(self) -> list[Any]:
        return self.results_of


class FakeQueries:
    def of(self, asked: Any) -> list[Any]:
        return [read]


@contextmanager
def history() -> Iterator[tuple[DynamoHistory, FakeReads]]:
    reads: Any = FakeReads()
    queries: Any = FakeQueries()
    yield DynamoHistory(queries, reads, Breaker(), cache(Clock())), reads


def test_a_hundred_payments_of_one_merchant_read_its_counters_once() -> None:
    with history() as (one, reads):
        assert one.begin([question()] * 100, 100).results() == [read()] * 100
        assert one.begin([question(), question("T2")], 2).results() == [read(), read()]
        assert reads.made == 2
