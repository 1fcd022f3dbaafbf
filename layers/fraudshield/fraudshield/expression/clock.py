"""Instants and durations as numbers."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, tzinfo

from fraudshield.expression.tree import ClockFunction

MICROSECOND = timedelta(microseconds=1)


def microseconds(duration: timedelta) -> float:
    """A duration in microseconds, as the nearest float64."""
    return float(duration // MICROSECOND)


def hour(instant: datetime, zone: tzinfo) -> float:
    """The hour from 0 to 23 on the clocks of the zone. Raises OverflowError within a day of the years 1 and 9999."""
    return float(instant.astimezone(zone).hour)


def weekday(instant: datetime, zone: tzinfo) -> float:
    """The day from 1 (Monday) to 7 (Sunday) on the calendars of the zone. Raises OverflowError as `hour` does."""
    return float(instant.astimezone(zone).isoweekday())


PARTS: Mapping[ClockFunction, Callable[[datetime, tzinfo], float]] = {"hour": hour, "weekday": weekday}
