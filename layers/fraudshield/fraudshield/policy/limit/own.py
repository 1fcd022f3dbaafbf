"""What a process has blocked itself: what it goes by until all that is counted has told it which breakers are open."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from fraudshield.policy.limit.limit import (
    HOUR,
    LEAST_PAYMENTS,
    UNTESTED,
    WHOLE,
    BlockLimits,
    BlockTally,
    Minute,
)
from fraudshield.policy.order import CLOSED, OpenBreakers

LEAST_OWN = 10  # a process sees a part of the payments only: of few it may be blocked more by chance


class OwnBlocks:
    """The payments that this process decided in the last hour, or the last hundred, by the minute."""

    def __init__(self) -> None:
        self._minutes: dict[datetime, Minute] = {}  # in the order of time; what is summed beside them is of all of them
        self._payments = 0
        self._blocked: Counter[tuple[int, str]] = Counter()
        self._closed_at: str | None = None

    def note(self, at: datetime, version: int, held_to: Sequence[str] | None) -> None:
        """Counts a payment that was decided and stored. `held_to` is as of the decision's `Ruling`."""
        began_at = at.replace(second=0, microsecond=0)
        minute = self._minutes.setdefault(began_at, Minute())
        minute.payments[version] += 1
        self._payments += 1
        if held_to is not None:
            codes = [(version, WHOLE), *((version, code) for code in held_to)]
            minute.blocked.update(codes)
            self._blocked.update(codes)

    def begin(
        self, version: int, at: datetime, limits: BlockLimits = UNTESTED, opened: OpenBreakers = CLOSED
    ) -> "BlockAllowance":
        """What of a version may still block, for the payments of one call."""
        self._forget(at)
        blocked = {code: number for (of, code), number in self._blocked.items() if of == version}
        return BlockAllowance(limits, opened, self._payments, Counter(blocked))

    def close(self, closed_at: str | None) -> None:
        """Somebody closed the breakers by hand at that time: what was blocked until then counts no more."""
        if closed_at is not None and closed_at != self._closed_at:
            self._closed_at = closed_at
            self._blocked.clear()
            for minute in self._minutes.values():
                minute.blocked.clear()

    def _forget(self, at: datetime) -> None:
        """Minutes of more than an hour ago go, but as many of them stay as hold the last hundred payments."""
        while self._minutes:
            began_at, minute = next(iter(self._minutes.items()))
            rest = self._payments - minute.payments.total()
            if began_at > at - HOUR or rest < LEAST_PAYMENTS:
                return
            self._payments = rest
            self._blocked -= minute.blocked
            del self._minutes[began_at]


class BlockAllowance:
    """What of a version may still block, while the payments of one call are decided one after the other."""

    def __init__(self, limits: BlockLimits, opened: OpenBreakers, payments: int, blocked: Counter[str]) -> None:
        self._limits, self._opened, self._payments, self._blocked = limits, opened, payments, blocked

    def breakers(self) -> OpenBreakers:
        """What may not block the next payment."""
        self._payments += 1
        if self._blocked[WHOLE] < LEAST_OWN:
            return self._opened
        used_up = BlockTally(self._payments, 0, self._blocked).used_up(self._limits, least=LEAST_OWN)
        if not used_up:
            return self._opened
        return OpenBreakers(self._opened.version or WHOLE in used_up, self._opened.rules | used_up - {WHOLE})

    def take(self, held_to: Sequence[str] | None) -> None:
        """The payment was decided, see `OwnBlocks.note`."""
        if held_to is not None:
            self._blocked.update([WHOLE, *held_to])
