"""The text of an expression with the values that it read, for whoever asks why a rule held."""

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal

from fraudshield.expression.reading import AtLeast, Unread, Values
from fraudshield.expression.tree import Reading
from fraudshield.text.timestamp import timestamp

MASK = "***"


def with_values(text: str, readings: Iterable[Reading], values: Values, masked: Collection[str]) -> str:
    """Each name in the text followed by its value, as in `amount=1200.50 > 1000`; of the masked ones a mask."""
    for reading in sorted(readings, key=lambda reading: reading.at, reverse=True):
        end = reading.at + len(reading.name)
        text = f"{text[:end]}{_value(reading.name, values, masked)}{text[end:]}"
    return text


def _value(name: str, values: Values, masked: Collection[str]) -> str:
    value = values.get(name)
    if value is None:
        return "=missing"
    if isinstance(value, Unread):
        return f"={value.code}"
    if name in masked:
        return f"={MASK}"
    return f">={_spelled(value.least)}" if isinstance(value, AtLeast) else f"={_spelled(value)}"


def _spelled(value: object) -> str:
    """A value as an expression would write it; numbers without exponents, instants in RFC 3339."""
    if isinstance(value, datetime):
        return timestamp(value)
    if isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    plain = format(number, "f")
    return plain.removesuffix(".0")
