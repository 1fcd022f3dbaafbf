"""Drift of an event type's fields: how far the values of the last days lie from those of its first days.

What a model was trained on is known of the built-in type only. Another type's reference is what came first: at least
`REFERENCE_DAYS` full days with payments, and as many more as it takes to have `ENOUGH`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from typing_extensions import TypedDict

from fraudshield.analytics.category.category import CountedFields
from fraudshield.analytics.drift import index
from fraudshield.analytics.field.field import PAYMENTS, PREFIX
from fraudshield.analytics.period import DAY, Period
from fraudshield.analytics.port import Counters, DailyCounts, Slice
from fraudshield.analytics.statistics import number, summed
from fraudshield.text.schema import Day

ENOUGH = 500  # payments on either side
REFERENCE_DAYS, COMPARED_DAYS = 7, 7
LONGEST_REFERENCE = timedelta(days=90)  # after the day on which counting began
LEAST_IN_BIN = 10  # expected on the smaller side; bins of fewer are one, else chance alone would make an index
DRIFTED = 0.25
ABSENT, SMALL = "", "small"

FieldSpan = TypedDict("FieldSpan", {"from": Day, "to": Day, "payments": int})


class FieldIndex(TypedDict):
    """How far a field's values have moved: its population stability index, null where there is not enough."""

    field: str
    index: float | None
    drifted: bool


class FieldDrift(TypedDict):
    """The fields of an event type of one's own, those that moved farthest first; `drifted` from 0.25 on.

    The values of `compared`, the last seven days of the period after the reference, against those of `reference`, the
    first full days with payments after `counted_from`. A payment without the field counts too. `enough` says whether
    both have 500 payments.
    """

    counted_from: Day | None
    reference: FieldSpan | None
    compared: FieldSpan | None
    enough: bool
    fields: list[FieldIndex]


@dataclass(frozen=True, slots=True)
class _Days:
    """What was counted from the first to the last of some days with payments."""

    first: str
    last: str
    counters: Counters

    @property
    def payments(self) -> int:
        return number(self.counters, PAYMENTS)

    def span(self) -> FieldSpan:
        return {"from": self.first, "to": self.last, "payments": self.payments}

    def bins(self, name: str) -> Mapping[str, int]:
        """How many payments had a value in each bin, those without a value in a bin of their own."""
        prefix = f"{name}:"
        found = {one: int(value) for one, value in self.counters.items() if one.startswith(prefix)}
        return {**found, ABSENT: max(0, self.payments - sum(found.values()))}


def field_drift(
    counts: DailyCounts, event_type: str, fields: CountedFields, counted_from: str | None, period: Period, today: date
) -> FieldDrift:
    """At most two reads. Raises StoreUnavailable."""
    reference = _reference(counts, event_type, counted_from, period, today) if counted_from else None
    compared = _compared(counts, event_type, reference, period) if reference else None
    indexes = [_index_of(name, reference, compared) for name in fields.names]
    return {
        "counted_from": counted_from,
        "reference": reference.span() if reference else None,
        "compared": compared.span() if compared else None,
        "enough": all(one is not None and one.payments >= ENOUGH for one in (reference, compared)),
        "fields": sorted(indexes, key=lambda one: -1.0 if one["index"] is None else one["index"], reverse=True),
    }


def field_index(then: Mapping[str, int], now: Mapping[str, int]) -> float:
    """The index of two histograms, in which bins are one that are too small for the smaller side."""
    before, after = sum(then.values()), sum(now.values())
    least = LEAST_IN_BIN * before / min(before, after)
    old, new = ({SMALL: 0}, {SMALL: 0})
    for name in then.keys() | now.keys():
        kept = name if then.get(name, 0) >= least else SMALL
        old[kept] = old.get(kept, 0) + then.get(name, 0)
        new[kept] = new.get(kept, 0) + now.get(name, 0)
    shares = [(new[name] / after, old[name] / before) for name in sorted(old)]
    return round(index(tuple(one for one, _ in shares), tuple(one for _, one in shares)) or 0.0, 4)


def _index_of(name: str, reference: _Days | None, compared: _Days | None) -> FieldIndex:
    found = None
    if reference and compared and min(reference.payments, compared.payments) >= ENOUGH:
        then = reference.bins(name)
        if sum(then.values()) - then[ABSENT] >= ENOUGH:  # a field that nobody sent then has nothing to move from
            found = field_index(then, compared.bins(name))
    return {"field": name, "index": found, "drifted": found is not None and found >= DRIFTED}


def _reference(counts: DailyCounts, event_type: str, counted_from: str, period: Period, today: date) -> _Days | None:
    first = date.fromisoformat(counted_from) + DAY
    last = min(today - DAY, first + LONGEST_REFERENCE)
    found: list[tuple[str, Counters]] = []
    for day in _by_day(counts, event_type, Period(first, last, period.sources)):
        found.append(day)
        if len(found) >= REFERENCE_DAYS and sum(number(one, PAYMENTS) for _, one in found) >= ENOUGH:
            break
    return _together(found)


def _compared(counts: DailyCounts, event_type: str, reference: _Days, period: Period) -> _Days | None:
    first = max(period.first, period.last - (COMPARED_DAYS - 1) * DAY, date.fromisoformat(reference.last) + DAY)
    return _together(_by_day(counts, event_type, period.since(first)))


def _together(days: Iterable[tuple[str, Counters]]) -> _Days | None:
    known = list(days)
    return _Days(known[0][0], known[-1][0], summed(one for _, one in known)) if known else None


def _by_day(counts: DailyCounts, event_type: str, period: Period) -> Iterator[tuple[str, Counters]]:
    """Day by day what was counted, as far as the caller goes; days without a payment are left out."""
    if period.last < period.first:
        return
    found = counts.slices(f"{PREFIX}{event_type}", period.first.isoformat(), period.last.isoformat())
    asked = (one for one in found if one.source in period.sources)
    for day, some in groupby(asked, key=_day):
        yield day, summed(one.counters for one in some)


def _day(one: Slice) -> str:
    return one.at
