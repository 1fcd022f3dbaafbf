"""Analytics of one event type, or of one value of a category field: which that is, and its counts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from typing_extensions import TypedDict

from fraudshield.analytics.category.category import (
    EVENT_TYPE,
    MOST_FIELDS,
    MOST_VALUES,
    OF_BUILT_IN,
    REST,
    UNSAID,
    Category,
    CategoryRegister,
    counted_fields,
)
from fraudshield.analytics.destination import Destinations
from fraudshield.analytics.period import PeriodQuery
from fraudshield.analytics.port import AggregatesByCategory, DailyCounts, Slice
from fraudshield.analytics.series import BATCH, SCORES, TRUTH, UNREPORTED
from fraudshield.errors import NotFound
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.payment import NAME
from fraudshield.event_type.port import EventTypes
from fraudshield.text.query import refused_parameter
from fraudshield.text.schema import Day

MARKS = {
    SCORES: ("n.",),
    TRUTH: ("f.", "g."),
    UNREPORTED: (UNSAID,),
}  # counters without which an item has nothing of such a series
ITS_OWN = frozenset({"event_type", "days", "from", "to", "sources"})


class CategoryShown(TypedDict):
    """The figures are of `value` of `field`, or of the whole type where that is null, counted from a day on.

    What came before `counted_from` is in none of them, and of that day some may be missing; null where nothing was
    counted yet. `values` are those that are counted apart, at most 50; `*` stands for all others together.
    `top_destinations` are not counted by category.
    """

    event_type: str
    field: str | None
    value: str | None
    counted_from: Day | None
    values: list[str]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The categories that are asked for, and how the response says so."""

    categories: tuple[Category, ...]
    shown: CategoryShown


def narrowing(asked: PeriodQuery, types: EventTypes, aggregates: AggregatesByCategory) -> Narrowing | None:
    """What a request narrows its figures to; None where that is nothing.

    Raises:
        Malformed: a parameter is no category field that is counted, cannot have its value, or is one too many.
        NotFound: the event type, or a value that is not counted apart.
        StoreUnavailable.
    """
    if asked.event_type is None and not asked.by_field:
        return None
    event_type = types.named(asked.event_type or NAME)
    if BATCH in asked.sources.split(","):
        raise refused_parameter("sources", "Batch jobs are not counted by event type or category", "not_counted")
    fields = counted_fields(event_type.model_dump(mode="json"))
    named = _named(asked, event_type, fields)
    if named is None:
        return whole(event_type, aggregates)
    name, value = named
    register = aggregates.register(event_type.name, name)
    _is_counted(event_type, name, value, register)
    return _narrowing([Category(event_type.name, name, value)], name, value, register)


def _named(asked: PeriodQuery, event_type: EventType, fields: Sequence[str]) -> tuple[str, str] | None:
    for name in asked.by_field:
        if name not in fields:
            known = ", ".join((*sorted(ITS_OWN), *fields))
            says = f"There is no such parameter here; for {event_type.name} there are: {known}"
            at_most = f" (of its category fields the first {MOST_FIELDS} that are neither personal nor told later)"
            raise refused_parameter(name, says + at_most, "unknown_parameter")
    if len(asked.by_field) > 1:
        raise refused_parameter(list(asked.by_field)[1], "Figures are counted by one category field at a time", "two")
    return next(iter(asked.by_field.items()), None)


def _is_counted(event_type: EventType, name: str, value: str, register: CategoryRegister) -> None:
    values = event_type.all_fields[name].values
    if value == REST or value in register.values:
        return
    if values is not None and value not in values:
        raise refused_parameter(name, f"Input should be one of {', '.join(values)}, or {REST} for the rest", "enum")
    if register.is_full:
        raise NotFound(
            f"?{name}: of this field the first {MOST_VALUES} values are counted apart, and this is none of them; "
            f"{name}={REST} asks for all others together"
        )


def whole(event_type: EventType, aggregates: AggregatesByCategory) -> Narrowing:
    """All of a type. Every payment of the built-in one has a value of its first category field."""
    name = OF_BUILT_IN[0] if event_type.name == NAME else EVENT_TYPE
    register = aggregates.register(event_type.name, name)
    values = (*sorted(register.values), REST) if event_type.name == NAME else (event_type.name,)
    return _narrowing([Category(event_type.name, name, value) for value in values], None, None, register)


def _narrowing(
    categories: Sequence[Category], name: str | None, value: str | None, register: CategoryRegister
) -> Narrowing:
    return Narrowing(
        tuple(categories),
        {
            "event_type": categories[0].event_type,
            "field": name,
            "value": value,
            "counted_from": register.counted_from,
            "values": sorted(register.values) if name else [],
        },
    )


@dataclass(frozen=True, slots=True)
class CategoryCounts:
    """The `DailyCounts` port for some categories: their items have the counters of every series that is kept by day."""

    everything: DailyCounts
    categories: Sequence[Category]
    read: dict[tuple[str, str], list[Slice]] = field(default_factory=dict)

    def slices(self, series: str, first: str, last: str) -> Iterator[Slice]:
        """One read for each category and span; what lies within a span that was read is not read again."""
        marks = MARKS.get(series)
        for one in self._between(first, last):
            if marks is None or any(name.startswith(marks) for name in one.counters):
                yield self._unsaid(one) if series == UNREPORTED else one

    def destinations(self, first: str, last: str) -> Iterator[tuple[str, Destinations]]:  # noqa: ARG002
        """None: they are not counted by category."""
        return iter(())

    def _unsaid(self, one: Slice) -> Slice:
        counters = {name.removeprefix(UNSAID): value for name, value in one.counters.items() if name.startswith(UNSAID)}
        return Slice(one.at, one.source, f"{self.categories[0].event_type}#{one.version}", counters)

    def _between(self, first: str, last: str) -> list[Slice]:
        for (since, until), known in self.read.items():
            if since <= first and last <= until:
                return [one for one in known if first <= one.at <= last]
        found = [one for each in self.categories for one in self.everything.slices(each.series, first, last)]
        self.read[first, last] = found
        return found
