"""The counts of a file: by chunk, and all together for the aggregates."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal
from functools import reduce
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, PlainSerializer

from fraudshield.analytics.amount_band import histogram_bucket
from fraudshield.analytics.series import (
    BATCH,
    DAYS,
    EXACT,
    FLAGGED_HOURS,
    HISTOGRAM,
    HOURS,
    PATTERNS,
    SCORES,
    TOTAL,
    Bucket,
    Counts,
)

EXACT_SUM = Context(
    prec=60
)  # 15 digits before the point, 20 behind it, and a sum over more rows than there will ever be
Exact = Annotated[Decimal, PlainSerializer(lambda value: format(value, "f"), return_type=str)]
Counters = dict[str, Exact]  # by the names that the aggregates use
Bound = TypeVar("Bound", Decimal, datetime)


class Tally(BaseModel):
    """The counts of some rows. `rows` is `scored` plus `rejected`; `faults` counts by code, and a row may have several.

    `stored` rows are new in the store; `known` rows were stored before with the same content, `conflicts` with
    another; `erased` are those whose account was erased since the file arrived, `unstored` those that the store did
    not take. Of the scored rows `days` has the
    counters by UTC day, `more` those of the aggregates' other series by day or hour, `bands` how many amounts were in
    which band, the rest the extremes.
    """

    model_config = ConfigDict(frozen=True)

    lines: int = 0
    rows: int = 0
    scored: int = 0
    rejected: int = 0
    stored: int = 0
    known: int = 0
    conflicts: int = 0
    erased: int = 0
    unstored: int = 0
    faults: dict[str, int] = {}
    days: dict[str, Counters] = {}
    more: dict[str, dict[str, Counters]] = {}
    bands: dict[int, int] = {}
    least: Exact | None = None
    most: Exact | None = None
    earliest: datetime | None = None
    latest: datetime | None = None

    def __add__(self, other: "Tally") -> "Tally":
        """Adds two tallies."""
        numbers = {name: getattr(self, name) + getattr(other, name) for name in NUMBERS}
        return Tally(
            **numbers,
            faults=dict(sorted((Counter(self.faults) + Counter(other.faults)).items())),
            days=_days(self.days, other.days),
            more={
                series: _days(self.more.get(series, {}), other.more.get(series, {}))
                for series in sorted(self.more.keys() | other.more.keys())
            },
            bands=dict(sorted((Counter(self.bands) + Counter(other.bands)).items())),
            least=_first(self.least, other.least),
            most=_last(self.most, other.most),
            earliest=_first(self.earliest, other.earliest),
            latest=_last(self.latest, other.latest),
        )

    @property
    def total(self) -> Mapping[str, Decimal]:
        """The counters, summed over all days."""
        return sum_of(self.days.values())


NUMBERS = ("lines", "rows", "scored", "rejected", "stored", "known", "conflicts", "erased", "unstored")


def added(tallies: Iterable[Tally]) -> Tally:
    """Adds all tallies."""
    return reduce(Tally.__add__, tallies, Tally())


def counted(results: Sequence[Tally]) -> Tally:
    """Adds the tallies of single decisions, by how each was stored: quicker than `added`."""
    names = ("stored", "known", "conflicts", "erased", "unstored")
    return Tally(**{name: sum(getattr(one, name) for one in results) for name in names})


def sum_of(all_counters: Iterable[Mapping[str, Decimal]]) -> Counters:
    """Sums the counters by name, exactly."""
    total: Counters = {}
    for counters in all_counters:
        for name, value in counters.items():
            total[name] = EXACT_SUM.add(total.get(name, Decimal()), value)
    return dict(sorted(total.items()))


def _days(*parts: Mapping[str, Counters]) -> dict[str, Counters]:
    by_day: dict[str, list[Counters]] = defaultdict(list)
    for days in parts:
        for day, counters in days.items():
            by_day[day].append(counters)
    return {day: sum_of(by_day[day]) for day in sorted(by_day)}


def _first(one: Bound | None, other: Bound | None) -> Bound | None:
    return other if one is None else one if other is None else min(one, other)


def _last(one: Bound | None, other: Bound | None) -> Bound | None:
    return other if one is None else one if other is None else max(one, other)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a job adds to the aggregates. It is the same for the same file and plan, so it can be counted in parts."""

    job_id: str
    model_version: str
    tally: Tally

    @property
    def counts(self) -> Counts:
        """The counters by series and bucket, as `delta.counters_of` has them."""
        if not self.tally.scored:
            return {}
        more = self.tally.more
        days: dict[Bucket, Mapping[str, Decimal]] = {
            (DAYS, f"{day}#{BATCH}"): _storable(counters | more.get(DAYS, {}).get(day, {}))
            for day, counters in self.tally.days.items()
        }
        return {(TOTAL, BATCH): _storable(self.tally.total), **days, **self._histogram(), **self._more()}

    def _more(self) -> Counts:
        versioned = f"{BATCH}#{self.model_version}"
        of = {PATTERNS: BATCH, FLAGGED_HOURS: BATCH, HOURS: versioned, SCORES: versioned}
        return {
            (series, f"{when}#{whose}"): _storable(counters)
            for series, whose in of.items()
            for when, counters in self.tally.more.get(series, {}).items()
        }

    def _histogram(self) -> Counts:
        items: dict[Bucket, dict[str, Decimal]] = defaultdict(dict)
        for number, count in self.tally.bands.items():
            items[HISTOGRAM, histogram_bucket(BATCH, number)][f"band.{number}"] = Decimal(count)
        return items


def _storable(counters: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Rounds to as many digits as DynamoDB keeps, which is 38: more than any sum of money has."""
    return {name: EXACT.plus(value) for name, value in counters.items()}
