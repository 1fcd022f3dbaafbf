"""Literals: numbers as float64 and as the decimal that was written, durations in CEL's spelling, time zones."""

import re
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from fraudshield.expression.names import Kind, nearest
from fraudshield.expression.tree import Constant

MOST_DAYS = 3_660_000  # ten thousand years, all that a date can be apart; in microseconds it fits 64 bits
PART = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,12})?)(us|ms|h|m|s)")
DURATION = re.compile(rf"-?(?:{PART.pattern})+")
MICROSECONDS = {"h": 3_600_000_000, "m": 60_000_000, "s": 1_000_000, "ms": 1000, "us": 1}
# Names of the time zone database; not `localtime` and its like, which are another zone on another machine.
ZONE = re.compile(r"UTC|GMT|[A-Z][A-Za-z_]+(?:/[A-Za-z0-9_+-]+)+")
MOST_EXPONENT = 120  # that of the numbers of a payment
MOST_EXPONENT_DIGITS = 4


def number(text: str) -> Constant | None:
    """A number as written; None where it is larger than 1e120 or, but for 0, smaller than 1e-120."""
    digits = text.lower().partition("e")[2].lstrip("+-")
    if len(digits) > MOST_EXPONENT_DIGITS:  # more than a Decimal has
        return None
    exact = Decimal(text)
    if exact and abs(exact.adjusted()) > MOST_EXPONENT:
        return None
    kind = Kind.INTEGER if text.isdigit() else Kind.NUMBER
    return Constant(float(text), kind, exact)


def duration(text: str) -> timedelta | None:
    """A duration like `72h`, `1h30m` or `-1.5s`; None where it is none, too long, or finer than microseconds."""
    if not DURATION.fullmatch(text):
        return None
    size = sum((Decimal(amount) * MICROSECONDS[unit] for amount, unit in PART.findall(text)), Decimal(0))
    if size != size.to_integral_value() or size > MOST_DAYS * 24 * MICROSECONDS["h"]:
        return None
    return timedelta(microseconds=-int(size) if text[0] == "-" else int(size))


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo | None:
    """The time zone of this name; None where there is none."""
    if not ZONE.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder's name
        return None


def nearest_zone(name: str) -> str | None:
    """The time zone that was probably meant."""
    return nearest(name, (one for one in sorted(available_timezones()) if ZONE.fullmatch(one)))
