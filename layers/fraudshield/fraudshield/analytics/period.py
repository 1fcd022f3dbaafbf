"""Whole days up to today, and the sources whose transactions are asked about: the parameters of analytics requests."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Self, get_args

from pydantic import AfterValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from fraudshield.analytics.port import DailyCounts, Slice
from fraudshield.text.fault import cross_fault
from fraudshield.text.query import Day, Query, Whole
from fraudshield.transaction.reader import EventTypeName
from fraudshield.transaction.source import Source

DAY = timedelta(days=1)
MOST_DAYS = 365


def _sources(value: str) -> str:
    asked = value.split(",")
    known = get_args(Source)
    if not all(one in known for one in asked) or len(set(asked)) < len(asked):
        raise PydanticCustomError("sources", f"Input should be some of {', '.join(known)}, each once, with commas")
    return value


ANY = "|".join(get_args(Source))
Sources = Annotated[
    str,
    AfterValidator(_sources),
    WithJsonSchema({"type": "string", "pattern": f"^({ANY})(,({ANY}))*$"}),
]


class PeriodQuery(Query):
    """Which days of UTC, and from which sources the transactions came: `days` up to `to`, or all `from` a day to it.

    `to` is today where it is not given, or lies ahead.

    Batch jobs are asked for by name: the rows of a file are often old, or were scored one by one before.
    `event_type` narrows it to payments of one type, and a category field of that type (`payment` where none is named)
    to those with one value.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    days: Annotated[Whole, Field(ge=1, le=MOST_DAYS)] = 30
    first: Annotated[Day | None, Field(alias="from")] = None
    last: Annotated[Day | None, Field(alias="to")] = None
    sources: Sources = "api,queue"
    event_type: EventTypeName | None = None

    @property
    def by_field(self) -> dict[str, str]:
        """The parameters that only an event type can know: its category fields."""
        return {name: str(value) for name, value in (self.model_extra or {}).items()}

    @model_validator(mode="after")
    def _is_one_span(self) -> Self:
        if self.first is None:
            return self
        if "days" in self.model_fields_set:
            raise cross_fault("two_places", "Either days or from should be given", "days", "from")
        if self.last is not None and not timedelta() <= self.last - self.first < MOST_DAYS * DAY:
            raise cross_fault("dates_order", f"from should be at most {MOST_DAYS - 1} days before to", "from", "to")
        return self


class LabelledQuery(PeriodQuery):
    """The same. Longer by default, because labels come weeks later."""

    days: Annotated[Whole, Field(ge=1, le=MOST_DAYS)] = 90


@dataclass(frozen=True, slots=True)
class Period:
    """Days from the first to the last, both included, and the sources."""

    first: date
    last: date
    sources: tuple[str, ...]

    @property
    def length(self) -> int:
        """In days."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Period":
        """As long, and up to the day before."""
        return Period(self.first - timedelta(days=self.length), self.first - DAY, self.sources)

    def days(self) -> Iterator[date]:
        """Oldest first."""
        return (self.first + timedelta(days=number) for number in range(self.length))

    def since(self, first: date) -> "Period":
        """The same, from another day on."""
        return Period(first, self.last, self.sources)

    def read(self, counts: DailyCounts, series: str) -> list[Slice]:
        """What was counted in a series that is kept by day. Raises StoreUnavailable."""
        found = counts.slices(series, self.first.isoformat(), self.last.isoformat())
        return [one for one in found if one.source in self.sources]

    def of(self, slices: Iterable[Slice]) -> list[Slice]:
        """Those of the period, where more was read."""
        first, last = self.first.isoformat(), self.last.isoformat()
        return [one for one in slices if first <= one.at <= last]


def period(asked: PeriodQuery, now: datetime) -> Period:
    """The days that are asked for; today is not over. Of more than a year they are the last."""
    last = min(asked.last or now.date(), now.date())
    least = last - timedelta(days=MOST_DAYS - 1)
    first = last - timedelta(days=asked.days - 1) if asked.first is None else max(min(asked.first, last), least)
    return Period(first, last, tuple(asked.sources.split(",")))
