"""A breaker: after failures in a row, nobody in this process waits for the same thing again for a while."""

import math
import time
from collections.abc import Callable

from fraudshield.budget import BREAKER_S


class Breaker:
    """Open for `open_s` seconds from the last of `after` failures in a row, and again from each that follows it.

    A success ends the row. With `after` 1 the first failure opens it.
    """

    def __init__(self, open_s: float = BREAKER_S, clock: Callable[[], float] = time.monotonic, after: int = 1) -> None:
        self._open_s = open_s
        self._clock = clock
        self._after = after
        self.failures = 0  # in a row
        self._open_until = float("-inf")

    def trip(self, seen: float = math.inf) -> None:
        """Count a failure: the thing behind it did not answer.

        `seen` is the number of failures when the call began: calls that were under way together fail as one.
        """
        if self.failures <= seen:
            self.failures += 1
        if self.failures >= self._after:
            self._open_until = self._clock() + self._open_s

    def reset(self) -> None:
        """Forget the failures: the thing behind it has just answered. What is open stays so for its time."""
        self.failures = 0

    @property
    def is_open(self) -> bool:
        """Whether calls are to be skipped."""
        return self._clock() < self._open_until
