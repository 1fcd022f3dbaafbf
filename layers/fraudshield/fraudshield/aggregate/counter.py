"""Counters by the hour of busy entities, such as a merchant: thousands of payments cannot be read for one.

Both clocks count in whole hours: a payment is in the hour that it happened in, under the hour in which it became known
where that is a later one. What is asked is as of the last full hour, so that every process and every file finds the
same. This is read where streams are counted too, so it needs no pydantic.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import blake2b

from fraudshield.text.stored_number import EXACT

SERIES = "busy#"
PARTS = 4  # of an hour's counters: shards of the stream that are counted at once rarely meet in one
KEPT = timedelta(days=100)  # longer than any window
HOUR = timedelta(hours=1)
HOUR_CHARACTERS = 13  # of a stored time: 2026-11-24T10
PAYMENTS, AMOUNT, FRAUDS, UNPRICED = "n", "a", "f", "u"
LATER = "@"  # before the hour in which something became known, where it happened in an earlier one
Counted = Mapping[str, Decimal]  # counters by name


@dataclass(frozen=True, slots=True)
class HourCount:
    """What was counted of one hour, in one part."""

    hour: datetime
    counters: Counted


@dataclass(frozen=True, slots=True)
class CountedPayment:
    """A payment as far as it is counted. Times are texts as they are stored; `fraud_at` is when it was called fraud.

    An amount is None where it is not known in the reporting currency: so many are counted.
    """

    occurred_at: str
    decided_at: str
    amount: Decimal | None
    fraud_at: str | None = None

    @property
    def hour(self) -> str:
        """In which it happened."""
        return self.occurred_at[:HOUR_CHARACTERS]

    def counters(self) -> dict[str, Decimal]:
        """What it adds to its hour."""
        known = self._known(self.decided_at)
        money = {f"{UNPRICED}{known}": Decimal(1)} if self.amount is None else {f"{AMOUNT}{known}": self.amount}
        found = {f"{PAYMENTS}{known}": Decimal(1), **money}
        if self.fraud_at is not None:
            found[f"{FRAUDS}{self._known(max(self.fraud_at, self.decided_at))}"] = Decimal(1)
        return found

    def _known(self, at: str) -> str:
        hour = at[:HOUR_CHARACTERS]
        return f"{LATER}{hour}" if hour > self.hour else ""


@dataclass(frozen=True, slots=True)
class HourSums:
    """What a window of hours adds up to."""

    payments: int
    amount: Decimal
    frauds: int
    unpriced: int = 0


def series_of(key: str) -> str:
    """The series of an entity's counters; its value does not stand in it."""
    return f"{SERIES}{blake2b(key.encode(), digest_size=16).hexdigest()}"


def bucket_of(hour: str, part: int) -> str:
    """The bucket of an hour's counters in one part."""
    return f"{hour}#{part}"


def hour_of(bucket: str) -> datetime:
    """The hour that a bucket is of."""
    return datetime.strptime(bucket[:HOUR_CHARACTERS], "%Y-%m-%dT%H").replace(tzinfo=UTC)


def expires_at(bucket: str) -> int:
    """When a bucket's item may go, in seconds since 1970."""
    return int((hour_of(bucket) + KEPT).timestamp())


def full_hour(at: datetime) -> datetime:
    """The start of the hour that is not over yet."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def span(at: datetime, within: timedelta) -> tuple[datetime, datetime]:
    """The first hour of a window, and the hour that it ends before."""
    end = full_hour(at)
    return end - within, end


def text_of(hour: datetime) -> str:
    """The hour as buckets have it."""
    return hour.strftime("%Y-%m-%dT%H")


def added_up(
    counts: Sequence[HourCount], first: datetime, end: datetime, known_before: datetime, old_by: datetime
) -> HourSums:
    """What became known before an hour, of the hours from `first` to before `end` that were over at `old_by`."""
    sums = dict.fromkeys((PAYMENTS, AMOUNT, FRAUDS, UNPRICED), Decimal(0))
    for one in counts:
        if first <= one.hour < end and one.hour + HOUR <= old_by:
            for what, known, value in _known(one):
                if known < known_before:
                    sums[what] = EXACT.add(sums[what], value)
    return HourSums(int(sums[PAYMENTS]), sums[AMOUNT], int(sums[FRAUDS]), int(sums[UNPRICED]))


def _known(one: HourCount) -> Iterator[tuple[str, datetime, Decimal]]:
    for name, value in one.counters.items():
        what, _, later = name.partition(LATER)
        yield what, hour_of(later) if later else one.hour, value
