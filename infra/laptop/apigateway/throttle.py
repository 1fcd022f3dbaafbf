"""Token buckets and quotas: how often, and how much in a day, week or month."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from infra.laptop.errors import SetupError


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A limit: `rate` requests a second in the long run, `burst` of them at once."""

    rate: float
    burst: float


class TokenBucket:
    """A token bucket: holds `burst` tokens, refills at `rate` a second, a request takes one."""

    def __init__(self, limit: RateLimit, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._clock = limit, clock
        self._tokens, self._at = limit.burst, clock()

    def take(self) -> bool:
        """Take a token; whether there was one."""
        now = self._clock()
        self._tokens = min(self._limit.burst, self._tokens + (now - self._at) * self._limit.rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


@dataclass(frozen=True, slots=True)
class QuotaSettings:
    """A quota: `limit` requests a `period` (DAY, WEEK or MONTH), in UTC.

    `offset` is the day that the period starts on: a WEEK with 0 starts on Sunday, with 1 on Monday
    (CloudFormation's `QuotaSettings`).
    """

    limit: int
    period: str
    offset: int = 0

    def start(self, day: date) -> date:
        """The first day of the period that `day` lies in.

        Raises:
            SetupError: a period that API Gateway does not have.
        """
        match self.period:
            case "DAY":
                return day
            case "WEEK":
                return day - timedelta(days=(day.isoweekday() - self.offset) % 7)
            case "MONTH":
                return (day - timedelta(days=self.offset)).replace(day=1)
        raise SetupError(f"A quota's period is DAY, WEEK or MONTH, not {self.period}")


def today() -> date:
    """Today's date in UTC, as quotas count."""
    return datetime.now(UTC).date()


class QuotaCounter:
    """Counts one key's requests in the current period."""

    def __init__(self, allowance: QuotaSettings, day: Callable[[], date] = today) -> None:
        self._allowance, self._day = allowance, day
        self._start, self._used = allowance.start(day()), 0

    def take(self) -> bool:
        """Count a request; whether one was left."""
        start = self._allowance.start(self._day())
        if start != self._start:
            self._start, self._used = start, 0
        if self._used >= self._allowance.limit:
            return False
        self._used += 1
        return True
