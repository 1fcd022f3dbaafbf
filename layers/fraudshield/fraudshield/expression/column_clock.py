"""Instants in columns: microseconds since 1970, and what clocks show then."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from fraudshield.expression import clock
from fraudshield.expression.column import Array, Evaluated
from fraudshield.expression.tree import ClockFunction

HOUR = 3_600_000_000
DAY = 24 * HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_WEEKDAY = 3  # Thursday, Monday being 0
UNKNOWN = np.iinfo(np.int64).min


def microseconds(duration: Any) -> int:
    """A duration as an integer."""
    return int(duration // clock.MICROSECOND)


def integers(instants: Array) -> Array:
    """Instants as microseconds since 1970."""
    return instants.astype("datetime64[us]").astype(np.int64)


def part(function: ClockFunction, zone: ZoneInfo, instants: Evaluated) -> Evaluated:
    """The hour or weekday of instants on the clocks of a zone.

    Clocks never changed twice within an hour (twice within four days is the record). So each hour that occurs is
    asked at both its ends, and only in the hours of a change each instant for itself.
    """
    at = np.where(instants.known, integers(instants.values), 0)
    hours, place = np.unique(at // HOUR, return_inverse=True)
    offsets = np.array([_offset_of_hour(int(hour), zone) for hour in hours], np.int64)[place]
    for row in np.flatnonzero(offsets == UNKNOWN).tolist():
        offsets[row] = _offset(int(at[row]), zone)
    local = at + np.where(offsets == UNKNOWN, 0, offsets)
    values = local % DAY // HOUR if function == "hour" else (local // DAY + EPOCH_WEEKDAY) % 7 + 1
    return Evaluated(values.astype(np.float64), instants.known & (offsets != UNKNOWN))


def _offset_of_hour(hour: int, zone: ZoneInfo) -> int:
    first, last = _offset(hour * HOUR, zone), _offset(hour * HOUR + HOUR - 1, zone)
    return first if first == last else UNKNOWN


def _offset(at: int, zone: ZoneInfo) -> int:
    """How far the clocks are ahead of UTC, in microseconds; unknown where Python has no such date."""
    try:
        ahead = (EPOCH + timedelta(microseconds=at)).astimezone(zone).utcoffset()
    except OverflowError:
        return int(UNKNOWN)
    return int((ahead or timedelta()) // clock.MICROSECOND)
