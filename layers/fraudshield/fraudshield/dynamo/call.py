"""Calls of DynamoDB: bounded on the path of a payment, patient where nobody waits, paced where there are thousands."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import Generic, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.breaker import Breaker
from fraudshield.budget import ATTEMPTS, BACK_OFF_S, PACED_S, PATIENCE_S, READ_S, STORE_S
from fraudshield.dynamo.attempt import back_off, retried
from fraudshield.dynamo.failure import FailureKind, cause, failure_kind
from fraudshield.errors import StoreUnavailable
from fraudshield.telemetry import logger

T = TypeVar("T")
AT_ONCE = 2  # calls that write much: the store's other callers are payments


class BoundedCalls:
    """Runs calls that may raise botocore's errors; shares its breaker with everything on the same store.

    A socket's time-outs cannot bound a response that comes byte by byte, so the waiting is bounded
    instead: a call still under way when time is up counts as failed and goes on alone. One call has `patience_s` for
    its `attempts`; without that, `STORE_S`.
    """

    def __init__(
        self,
        breaker: Breaker,
        pool: ThreadPoolExecutor,
        patience_s: float | None = None,
        attempts: int = ATTEMPTS,
    ) -> None:
        self._breaker = breaker
        self._pool = pool
        self._patience_s = patience_s
        self._attempts = attempts

    @property
    def _time_s(self) -> float:
        return STORE_S if self._patience_s is None else self._patience_s

    def one(self, call: Callable[[], T]) -> T:
        """Returns the result of `call` within the time of one. Raises StoreUnavailable."""
        [result] = self.each([call], time.monotonic() + self._time_s)
        if isinstance(result, StoreUnavailable):
            raise result
        return result

    def each(self, calls: Sequence[Callable[[], T]], stop_at: float) -> list[T | StoreUnavailable]:
        """Returns one result per call, in order, by `stop_at` (`time.monotonic()` seconds). Raises nothing itself."""
        return self.begin(calls, stop_at).results()

    def few_at_once(self, calls: Sequence[Callable[[], T]], stop_at: float) -> list[T | StoreUnavailable]:
        """Returns what `each` does, of calls that have much to write: `AT_ONCE` of them are under way at a time.

        All at once they would wait in the store for each other, be late, and be sent again while it still makes them.
        """
        results: list[T | StoreUnavailable] = []
        while len(results) < len(calls) and time.monotonic() < stop_at:
            results += self.each(calls[len(results) : len(results) + AT_ONCE], stop_at)
        return results + [StoreUnavailable("time was up before its turn")] * (len(calls) - len(results))

    def begin(self, calls: Sequence[Callable[[], T]], stop_at: float) -> "PendingCalls[T]":
        """Starts the calls, of which each has until `stop_at`, and waits for none of them."""
        seen = self._breaker.failures
        if self._breaker.is_open:
            return PendingCalls([None] * len(calls), stop_at, partial(self._result, seen=seen))
        futures = [self._pool.submit(self._attempt, call, stop_at, seen) for call in calls]
        return PendingCalls(futures, stop_at, partial(self._result, seen=seen))

    def _attempt(self, call: Callable[[], T], stop_at: float, seen: int) -> T | StoreUnavailable:
        give_up_at = min(stop_at, time.monotonic() + self._time_s)
        for _ in range(self._attempts):
            if self._breaker.is_open or time.monotonic() >= stop_at:
                return StoreUnavailable("spared: the store failed a moment ago, or time was up")
            try:
                result = call()
            except (BotoCoreError, ClientError) as exc:
                failure, kind = exc, failure_kind(exc)
            else:
                self._breaker.reset()
                return result
            if kind is FailureKind.REFUSAL or time.monotonic() + BACK_OFF_S + READ_S > give_up_at:
                break
            back_off(BACK_OFF_S)
        return self._failed(cause(failure), seen) if kind is FailureKind.TROUBLE else self._refused(cause(failure))

    def _result(self, future: "Future[T | StoreUnavailable] | None", answered: bool, seen: int) -> T | StoreUnavailable:
        """What became of a call. One that never began says nothing of a store that `answered` others meanwhile."""
        if future is None:
            return StoreUnavailable("spared: the store failed a moment ago")
        if future.done():
            return future.result()
        if future.cancel() and answered:
            return StoreUnavailable("time was up before its turn")
        return self._failed("no answer in time", seen)

    def _failed(self, what: str, seen: int) -> StoreUnavailable:
        was_open = self._breaker.is_open
        self._breaker.trip(seen)
        if self._breaker.is_open and not was_open:
            logger.warning("store unavailable, breaker open", cause=what)
        return StoreUnavailable(what)

    def _refused(self, what: str) -> StoreUnavailable:
        """The store answered, and this call alone is at fault: no other one is spared for it."""
        self._breaker.reset()
        logger.warning("the store refused a call", cause=what)
        return StoreUnavailable(what)


@dataclass(frozen=True, slots=True)
class PendingCalls(Generic[T]):
    """Calls that are under way; None in place of one that was spared."""

    futures: "Sequence[Future[T | StoreUnavailable] | None]"
    stop_at: float
    result: "Callable[[Future[T | StoreUnavailable] | None, bool], T | StoreUnavailable]"

    def ended(self, within_s: float) -> bool:
        """Whether none is under way any more; they have so many seconds for that, and go on after them."""
        return not wait([future for future in self.futures if future is not None], timeout=within_s).not_done

    def results(self) -> list[T | StoreUnavailable]:
        """Returns one result per call, in order, by the time that they were given. Raises nothing itself."""
        started = [future for future in self.futures if future is not None]
        answered = bool(wait(started, timeout=max(0.0, self.stop_at - time.monotonic())).done)
        return [self.result(future, answered) for future in self.futures]


PAUSE_S = 0.2


class PatientCalls:
    """Runs calls that may raise botocore's errors, on `client.patient_dynamodb`. Each call must be safe to repeat."""

    def one(self, call: Callable[[], T]) -> T:
        """Returns the result of `call`; no attempt begins after `PATIENCE_S`. Raises StoreUnavailable."""
        try:
            return retried(call, _passes, PAUSE_S, stop_at=time.monotonic() + PATIENCE_S)
        except (BotoCoreError, ClientError) as exc:
            raise StoreUnavailable(cause(exc)) from exc


def _passes(failure: BotoCoreError | ClientError) -> bool:
    return failure_kind(failure) is not FailureKind.REFUSAL


FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0
QUICK_S, LONGEST_REST_S = 0.05, 1.0


class PacedCalls:
    """Runs the many calls of work that may take its time, beside payments. Each must be safe to repeat.

    There is no breaker, so one late response stops nothing else. A few calls run at once; after one that was slow its
    thread rests as long as it took, so at least half of a busy store's time is left to payments.
    """

    def __init__(self, patience_s: float = PACED_S, at_once: int = AT_ONCE) -> None:
        self._patience_s = patience_s
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="paced")

    def one(self, call: Callable[[], T]) -> T:
        """Returns the result of `call`; it is tried again for a while. Raises StoreUnavailable."""
        result = self._attempts(call, self._patience_s)
        if isinstance(result, StoreUnavailable):
            raise result
        return result

    def each(self, calls: Sequence[Callable[[], T]]) -> list[T | StoreUnavailable]:
        """Returns one result per call, in order. Once one is given up, those that have not begun are spared."""
        over = Event()

        def run(call: Callable[[], T]) -> T | StoreUnavailable:
            if over.is_set():
                return StoreUnavailable("spared: the store did not take the calls before")
            result = self._attempts(call, self._patience_s)
            if isinstance(result, StoreUnavailable):
                over.set()
            return result

        return list(self._pool.map(run, calls))

    def each_once(self, calls: Sequence[Callable[[], T]]) -> list[T | StoreUnavailable]:
        """Returns one result per call, in order; each is tried, and only once."""
        return list(self._pool.map(lambda call: self._attempts(call, 0.0), calls))

    def _attempts(self, call: Callable[[], T], patience_s: float) -> T | StoreUnavailable:
        stop_at, pause_s = time.monotonic() + patience_s, FIRST_PAUSE_S
        while True:
            began = time.monotonic()
            try:
                result = call()
            except (BotoCoreError, ClientError) as exc:
                if time.monotonic() + pause_s >= stop_at or not _passes(exc):
                    return StoreUnavailable(cause(exc))
                back_off(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            else:
                _rest(time.monotonic() - began)
                return result


def _rest(took_s: float) -> None:
    if took_s > QUICK_S:
        time.sleep(min(took_s, LONGEST_REST_S))
