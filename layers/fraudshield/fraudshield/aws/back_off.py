"""Trying a call of AWS again: which failures, until when and how often its caller says, the pauses are made here."""

import math
import random
import time
from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

T = TypeVar("T")


def back_off(longest_s: float) -> None:
    """Sleeps for a random while of at most so long: those who met in one attempt do not meet in the next."""
    time.sleep(random.uniform(0, longest_s))  # noqa: S311 spreads retries, keeps no secret


def retried(
    call: Callable[[], T],
    passes: Callable[[BotoCoreError | ClientError], bool],
    pause_s: float,
    *,
    stop_at: float = math.inf,
    attempts: float = math.inf,
) -> T:
    """The result of `call`, which is tried again after a failure that `passes`.

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
    """The first result of `attempt` that is not None; None where no attempt before `last_start` had one."""
    while time.monotonic() < last_start:
        if (found := attempt()) is not None:
            return found
        back_off(pause_s)
    return None


def cause(failure: BotoCoreError | ClientError) -> str:
    """What AWS calls the refusal; else the name of what happened to the connection."""
    if isinstance(failure, ClientError):
        return str(failure.response["Error"]["Code"])
    return type(failure).__name__
