"""What a completed job adds to the aggregates: the counters that the stream keeps for what is stored one by one."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from fraudshield.amount_band import histogram_bucket
from fraudshield.batch.tally import Tally
from fraudshield.series import (
    BATCH,
    DAYS,
    EXACT,
    HISTOGRAM,
    HOURS,
    PATTERNS,
    SCORES,
    TOTAL,
    Bucket,
    Counts,
)

SOURCE = BATCH


@dataclass(frozen=True, slots=True)
class Summary:
    """The same for the same file and plan, so that it can be counted piece by piece."""

    job_id: str
    model_version: str
    tally: Tally

    @property
    def counts(self) -> Counts:
        """By series and bucket, as `delta.counters_of` has them."""
        if not self.tally.scored:
            return {}
        more = self.tally.more
        days: dict[Bucket, Mapping[str, Decimal]] = {
            (DAYS, f"{day}#{SOURCE}"): _storable(counters | more.get(DAYS, {}).get(day, {}))
            for day, counters in self.tally.days.items()
        }
        return {(TOTAL, SOURCE): _storable(self.tally.total), **days, **self._histogram(), **self._more()}

    def _more(self) -> Counts:
        versioned = f"{SOURCE}#{self.model_version}"
        of = {PATTERNS: SOURCE, HOURS: versioned, SCORES: versioned}
        return {
            (series, f"{when}#{whose}"): _storable(counters)
            for series, whose in of.items()
            for when, counters in self.tally.more.get(series, {}).items()
        }

    def _histogram(self) -> Counts:
        items: dict[Bucket, dict[str, Decimal]] = defaultdict(dict)
        for number, count in self.tally.bands.items():
            items[HISTOGRAM, histogram_bucket(SOURCE, number)][f"band.{number}"] = Decimal(count)
        return items


def _storable(counters: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """With as many digits as DynamoDB keeps: a sum of 38 digits and more is nobody's money."""
    return {name: EXACT.plus(value) for name, value in counters.items()}
