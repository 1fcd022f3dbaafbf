"""Texts that JSON Schema knows more of than that they are text: moments, days, one of a few words."""

from typing import Annotated, Any

from pydantic import WithJsonSchema

Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
Day = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]


def one_of(*values: str | int) -> WithJsonSchema:
    """The schema of a field that holds one of these and nothing else."""
    kind = "integer" if isinstance(values[0], int) else "string"
    return WithJsonSchema({"type": kind, "enum": [*values]})


def either(*names: str) -> dict[str, Any]:
    """What the schema of an object says more where it holds just one of these."""
    return {"oneOf": [{"required": [name]} for name in names]}


Bit = Annotated[int, one_of(0, 1)]
