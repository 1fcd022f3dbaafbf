"""The series of the aggregates table, and counters of them that are added up exactly.

Each series is an item of at most 1 KB for a day or an hour, a source and, where decisions are counted, a model
version: a write unit is paid for each kilobyte of an item that is added to.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal

Bucket = tuple[str, str]  # series and bucket: the key of an item in the aggregates table
Counts = Mapping[Bucket, Mapping[str, Decimal]]  # counters by name, in each item
Delta = dict[str, Decimal]  # of one item's counters, by name
TOTAL, DAYS, HISTOGRAM, EXTREME = "total", "days", "histogram", "extreme"
# By day hours of the day and amount bands, by hour what drift is told by, by day scores and what labels say of them.
PATTERNS, HOURS, SCORES, TRUTH = "patterns", "hours", "scores", "truth"
UNREPORTED = "unreported"  # by day, model version and own event type: what was let through and has no label
FLAGGED_HOURS = "flagged"  # by day what was reviewed and what was blocked in each hour of the day
SHADOW, SHADOW_DAYS = "shadow#", 90  # and a draft's digest: what it would have decided, by day, and how long it is kept
BATCH = "batch"  # the source whose transactions are counted by their job's summary
UNDECIDED = "-"  # in place of a model version
ONE = Decimal(1)
EXACT = Context(prec=38)  # what DynamoDB keeps; Python's own default is 28


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums of counters, added up exactly."""

    sums: dict[Bucket, dict[str, Decimal]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Decimal)))

    def add(self, counts: Counts, times: Decimal = ONE) -> None:
        """Add the counts so many times."""
        for bucket, counters in counts.items():
            sums = self.sums[bucket]
            for name, value in counters.items():
                sums[name] = EXACT.fma(value, times, sums[name])

    def counts(self) -> Counts:
        """The sums; zeros are left out."""
        moved = {bucket: {n: value for n, value in counters.items() if value} for bucket, counters in self.sums.items()}
        return {bucket: counters for bucket, counters in moved.items() if counters}


def added(*parts: tuple[Counts, Decimal]) -> Counts:
    """The parts, each so many times, summed exactly; what comes to zero is left out."""
    sums = Sums()
    for counts, times in parts:
        sums.add(counts, times)
    return sums.counts()
