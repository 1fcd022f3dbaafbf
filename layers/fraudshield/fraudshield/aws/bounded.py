"""Store calls that answer in time whatever the network does: few threads, two attempts, one breaker."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws.back_off import back_off, cause
from fraudshield.breaker import Breaker
from fraudshield.budget import ATTEMPTS, BACK_OFF_S, READ_S, STORE_S
from fraudshield.errors import StoreUnavailable
from fraudshield.observability import logger

T = TypeVar("T")


class BoundedCalls:
    """Runs calls that may raise botocore's errors; shares its breaker with everything on the same store.

    A socket's time-outs cannot bound an answer that comes byte by byte, so the waiting is bounded
    instead: a call still under way when time is up counts as failed and goes on alone.
    """

    def __init__(self, breaker: Breaker, pool: ThreadPoolExecutor) -> None:
        self._breaker = breaker
        self._pool = pool

    def one(self, call: Callable[[], T]) -> T:
        """Its result within `STORE_S`. Raises StoreUnavailable."""
        [result] = self.each([call], time.monotonic() + STORE_S)
        if isinstance(result, StoreUnavailable):
            raise result
        return result

    def each(self, calls: Sequence[Callable[[], T]], stop_at: float) -> list[T | StoreUnavailable]:
        """One result per call, in order, by `stop_at` (`time.monotonic()` seconds). Raises nothing of its own."""
        if self._breaker.is_open:
            return [StoreUnavailable("spared: the store failed a moment ago") for _ in calls]
        futures = [self._pool.submit(self._attempt, call, stop_at) for call in calls]
        wait(futures, timeout=max(0.0, stop_at - time.monotonic()))
        return [self._result(future) for future in futures]

    def _attempt(self, call: Callable[[], T], stop_at: float) -> T | StoreUnavailable:
        give_up_at = min(stop_at, time.monotonic() + STORE_S)
        for _ in range(ATTEMPTS):
            if self._breaker.is_open or time.monotonic() >= stop_at:
                return StoreUnavailable("spared: the store failed a moment ago, or time was up")
            try:
                return call()
            except (BotoCoreError, ClientError) as exc:
                failure = exc
            if time.monotonic() + BACK_OFF_S + READ_S > give_up_at:
                break
            back_off(BACK_OFF_S)
        return self._failed(cause(failure))

    def _result(self, future: "Future[T | StoreUnavailable]") -> T | StoreUnavailable:
        if future.done():
            return future.result()
        future.cancel()
        return self._failed("no answer in time")

    def _failed(self, what: str) -> StoreUnavailable:
        if not self._breaker.is_open:
            self._breaker.trip()
            logger.warning("store unavailable, breaker open", cause=what)
        return StoreUnavailable(what)
