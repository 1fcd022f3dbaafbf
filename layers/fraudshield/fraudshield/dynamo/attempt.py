"""One more attempt: what others' writes or a short failure cost a call, after a pause and within a time."""

import math
import random
import time
from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.budget import BACK_OFF_S, REQUEST_S, STORE_S
from fraudshield.errors import StoreUnavailable

T = TypeVar("T")


def back_off(longest_s: float) -> None:
    """Sleeps for a random time up to `longest_s`: writers that met in one attempt do not meet in the next."""
    time.sleep(random.uniform(0, longest_s))  # noqa: S311 spreads retries, keeps no secret


def retried(
    call: Callable[[], T],
    passes: Callable[[BotoCoreError | ClientError], bool],
    pause_s: float,
    *,
    stop_at: float = math.inf,
    attempts: float = math.inf,
) -> T:
    """Returns the result of `call`, which is tried again after a failure that `passes`.

    After a failure at or later than `stop_at` (`time.monotonic()` seconds), and after that of the last of the
    `attempts`, nothing is tried again. Raises the last failure, which is botocore's.
    """
    left = attempts
    while True:
        try:
            return call()
        except (BotoCoreError, ClientError) as exc:
            left -= 1
            if left <= 0 or time.monotonic() >= stop_at or not passes(exc):
                raise
        back_off(pause_s)


def until_found(attempt: Callable[[], T | None], pause_s: float, last_start: float) -> T | None:
    """Returns the first result of `attempt` that is not None; None where no attempt before `last_start` had one."""
    while time.monotonic() < last_start:
        if (found := attempt()) is not None:
            return found
        back_off(pause_s)
    return None


def until_done(attempt: Callable[[], T | None], what: str, stop_at: float = math.inf) -> T:
    """Returns the first result of `attempt` that is not None: None says that another write was faster.

    Raises StoreUnavailable: `what` is changed by others all the time, until there is no time for another attempt.
    """
    last_start = min(stop_at, time.monotonic() + REQUEST_S) - STORE_S
    done = until_found(attempt, BACK_OFF_S, last_start)
    if done is None:
        raise StoreUnavailable(f"Others changed {what} all the time; try again")
    return done
