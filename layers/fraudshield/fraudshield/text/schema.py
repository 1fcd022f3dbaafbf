"""Texts that JSON Schema knows more of than that they are text: moments, days, one of a few words."""

from typing import Annotated

from pydantic import WithJsonSchema

Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
Day = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]


def one_of(*values: str | int) -> WithJsonSchema:
    """The schema of a field that holds one of these and nothing else."""
    kind = "integer" if isinstance(values[0], int) else "string"
    return WithJsonSchema({"type": kind, "enum": [*values]})


Bit = Annotated[int, one_of(0, 1)]
