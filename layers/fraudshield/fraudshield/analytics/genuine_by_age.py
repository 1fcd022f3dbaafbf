"""Payments that nobody reported and that are old enough to count as genuine, as their event types say."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from fraudshield.analytics.period import DAY, Period
from fraudshield.analytics.port import DailyCounts, Slice
from fraudshield.analytics.series import UNREPORTED
from fraudshield.errors import StoreUnavailable, UnknownEventType
from fraudshield.event_type.active import ActiveEventTypes
from fraudshield.label.truth import is_old_enough

UNREAD = "event_types_unread"  # in `degraded`


@dataclass(frozen=True, slots=True)
class GenuineAges:
    """By event type the age from which on what nobody reported counts as genuine; `degraded` where types are unread."""

    after: Mapping[str, timedelta] = field(default_factory=dict)
    degraded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreported:
    """What has no label and was let through, of types that say an age: old enough to count as genuine, or young."""

    genuine: tuple[Slice, ...] = ()
    young: tuple[Slice, ...] = ()


def genuine_ages(types: Callable[[], ActiveEventTypes]) -> GenuineAges:
    """Those of the event types in force, as this process knows them."""
    known = types()
    try:
        read = [known.named(name) for name in known.known().event_types]
    except (StoreUnavailable, UnknownEventType):
        return GenuineAges(degraded=(UNREAD,))
    return GenuineAges({one.name: one.genuine_after for one in read if one.genuine_after})


def unreported(counts: DailyCounts, period: Period, ages: GenuineAges, now: datetime) -> Unreported:
    """One read, and none where no type says an age. A day is old enough when its end is. Raises StoreUnavailable."""
    read = [*_of_types(period.read(counts, UNREPORTED), ages)] if ages.after else []
    old = tuple(one for one, after in read if is_old_enough(_end(one.at, now), now, after))
    return Unreported(old, tuple(one for one, after in read if not is_old_enough(_end(one.at, now), now, after)))


def _of_types(slices: list[Slice], ages: GenuineAges) -> Iterator[tuple[Slice, timedelta]]:
    for one in slices:
        event_type, _, version = one.version.partition("#")
        if event_type in ages.after:
            yield Slice(one.at, one.source, version, one.counters), ages.after[event_type]


def _end(day: str, now: datetime) -> datetime:
    return datetime.combine(date.fromisoformat(day) + DAY, time(), now.tzinfo)
