"""JSON as we write it: a `Decimal` becomes a number, the one that it is and not the nearest float64."""

import json
import re
from decimal import Decimal
from functools import cached_property
from secrets import token_hex
from typing import Annotated

MOST_PLAIN = 150  # digits that a number has before or behind its point; more than those of any field


class NumberSchema:
    """What the OpenAPI document says of a `Decimal`. The streams' consumers load this too, without pydantic."""

    def __get_pydantic_json_schema__(self, _schema: object, _handler: object) -> dict[str, object]:
        return {"type": "number"}


Number = Annotated[Decimal, NumberSchema()]  # of a response: written as the number that it is


def nearest(number: Decimal) -> float | None:
    """The float64 that is written as this very number, if one is. As a float 1000 is written 1000.0."""
    near = float(number)
    written = repr(near)
    return near if "e" not in written and Decimal(written) == number else None


def narrowed(number: Decimal) -> float | Decimal:
    """The float64 that is written as this very number; the number itself where none is."""
    near = nearest(number)
    return number if near is None else near


def plain(number: Decimal) -> str:
    """The number without an exponent; but one that no field holds would take its exponent in characters."""
    return format(number, "f") if abs(number.adjusted()) <= MOST_PLAIN else str(number)


def json_text(content: object, *, sort_keys: bool = False) -> str:
    """The content as JSON, in one line without blanks."""
    exact = _ExactNumbers()
    return exact.put_into(json.dumps(content, separators=(",", ":"), sort_keys=sort_keys, default=exact.written))


def readable_json(content: object, *, indent: int | None = None, only_ascii: bool = False) -> str:
    """The content as people read it."""
    exact = _ExactNumbers()
    return exact.put_into(json.dumps(content, ensure_ascii=only_ascii, indent=indent, default=exact.written))


class _ExactNumbers:
    """Writes what Python's encoder cannot: it writes floats, and asks about each `Decimal`.

    Most are written alike either way; for the others it is given a mark that nobody can foresee, in whose place the
    number is put.
    """

    def __init__(self) -> None:
        self._numbers: list[str] = []

    @cached_property
    def _mark(self) -> str:
        return token_hex(16)

    def written(self, value: object) -> float | str:
        if not isinstance(value, Decimal):
            raise TypeError(f"{type(value).__name__} is nothing that JSON has")
        near = nearest(value)
        if near is not None:
            return near
        self._numbers.append(plain(value))
        return f"{self._mark}{len(self._numbers) - 1}."

    def put_into(self, text: str) -> str:
        if not self._numbers:
            return text
        return re.sub(rf'"{self._mark}(\d+)\."', lambda found: self._numbers[int(found[1])], text)
