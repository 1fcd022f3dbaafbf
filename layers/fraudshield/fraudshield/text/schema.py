"""Texts that JSON Schema knows more of than that they are text: moments, days, one of a few words."""

from typing import Annotated


class Described:
    """What the OpenAPI document says of a field. Nothing is loaded for it: only the document's maker asks."""

    def __init__(self, **schema: object) -> None:
        self._schema = schema

    def __get_pydantic_json_schema__(self, _schema: object, _handler: object) -> dict[str, object]:
        return dict(self._schema)


def one_of(*values: str | int) -> Described:
    """The schema of a field that holds one of these and nothing else."""
    return Described(type="integer" if isinstance(values[0], int) else "string", enum=[*values])


Moment = Annotated[str, Described(type="string", format="date-time")]
Day = Annotated[str, Described(type="string", format="date")]
Bit = Annotated[int, one_of(0, 1)]
