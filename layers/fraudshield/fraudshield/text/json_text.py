"""JSON as we write it: a `Decimal` becomes a number, the one that it is and not the nearest float64."""

import re
from decimal import Decimal
from json import JSONEncoder
from secrets import token_hex
from typing import Annotated

from pydantic import WithJsonSchema

Number = Annotated[Decimal, WithJsonSchema({"type": "number"})]  # of a response: written as the number that it is


def nearest(number: Decimal) -> float | None:
    """The float64 that is written as this very number, if one is. As a float 1000 is written 1000.0."""
    near = float(number)
    written = repr(near)
    return near if "e" not in written and Decimal(written) == number else None


def json_text(content: object, *, sort_keys: bool = False) -> str:
    """The content as JSON, in one line without blanks."""
    return _written(content, JSONEncoder(separators=(",", ":"), sort_keys=sort_keys))


def readable_json(content: object) -> str:
    """The content as people read it."""
    return _written(content, JSONEncoder(ensure_ascii=False))


def _written(content: object, encoder: JSONEncoder) -> str:
    """The content as the encoder writes it.

    Python's encoder writes floats, and asks about each `Decimal`. Most are written alike either way; for the others it
    is given a mark that nobody can foresee, in whose place the number is put.
    """
    exact: list[str] = []
    mark = token_hex(16)

    def default(value: object) -> object:
        if not isinstance(value, Decimal):
            raise TypeError(f"{type(value).__name__} is nothing that JSON has")
        near = nearest(value)
        if near is not None:
            return near
        exact.append(format(value, "f"))
        return f"{mark}{len(exact) - 1}."

    encoder.default = default  # type: ignore[method-assign]
    text = encoder.encode(content)
    return re.sub(rf'"{mark}(\d+)\."', lambda found: exact[int(found[1])], text) if exact else text
