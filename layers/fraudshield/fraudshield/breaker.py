"""A breaker: after a failure, nobody in this process waits for the same thing again for a while."""

import time
from collections.abc import Callable

from fraudshield.budget import BREAKER_S


class Breaker:
    """Closed until `trip()`, then open for `open_s` seconds, then closed until it trips again."""

    def __init__(self, open_s: float = BREAKER_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._open_s = open_s
        self._clock = clock
        self._open_until = float("-inf")

    def trip(self) -> None:
        """Open it: the thing behind it has just failed."""
        self._open_until = self._clock() + self._open_s

    @property
    def is_open(self) -> bool:
        """Whether calls are to be skipped."""
        return self._clock() < self._open_until
