"""The parameters behind the question mark: each route has a model of its own, and takes nothing beside it."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from fraudshield.errors import Fault, Malformed
from fraudshield.text.csv_cell import NUMBER
from fraudshield.text.encoding import FOUND, NOT_UTF8, is_intact
from fraudshield.text.fault import SHOWN, cross_fault, faults_of
from fraudshield.text.number import whole

MOST_DIGITS = 18
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
FLAGS = {"true": True, "false": False}
MOST_OFFSET = 10_000  # for old clients; a cursor goes on for as long as there is something
PAGING = {"limit", "cursor", "offset"}  # which page of a list; all other parameters narrow it


def _whole(value: object) -> object:
    if not isinstance(value, str):
        return value
    digits = value.removeprefix("-")
    if digits.isascii() and digits.isdecimal() and len(digits) <= MOST_DIGITS:
        return int(value)
    number = whole(Decimal(value)) if NUMBER.fullmatch(value) else None
    if isinstance(number, int) and abs(number) < 10**MOST_DIGITS:
        return number
    raise PydanticCustomError("whole_number", "Input should be a whole number")


def _day(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        if DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:  # such as 30 February
        pass
    raise PydanticCustomError("day", "Input should be a day of the calendar, as 2026-11-24")


def _flag(value: object) -> object:
    if isinstance(value, str) and value not in FLAGS:
        raise PydanticCustomError("flag", "Input should be true or false")
    return FLAGS[value] if isinstance(value, str) else value


Whole = Annotated[int, BeforeValidator(_whole)]  # "7", "-7", and what else JSON has for it: "7.0", "7e0"; not " 7"
Day = Annotated[date, BeforeValidator(_day)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Limit = Annotated[Whole, Field(ge=1, le=1000)]
Offset = Annotated[Whole, Field(ge=0, le=MOST_OFFSET)]


class Query(BaseModel):
    """The parameters of a request. Fields have defaults: no parameter must be given unless its field has none."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Asked = TypeVar("Asked", bound=Query)


def read_query(pairs: Sequence[tuple[str, str]], model: type[Asked]) -> Asked:
    """The parameters as `model`.

    Raises:
        Malformed: a parameter that is unknown, stands twice, is no UTF-8 or has a value it cannot have.
    """
    names = [name for name, _ in pairs]
    if spoilt := [name for name, value in pairs if not is_intact(name + value)]:
        raise _refused(
            [Fault(f"?{name[:SHOWN]}", f"The parameter is not UTF-8: {FOUND} in it", NOT_UTF8) for name in spoilt]
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise _refused([Fault(f"?{twice[0][:SHOWN]}", "The parameter stands twice", "duplicate_parameter")])
    try:
        return model.model_validate(dict(pairs))
    except ValidationError as exc:
        faults = [Fault(f"?{one.pointer[1:]}", one.detail, one.code) for one in faults_of(exc, sent=dict(pairs))]
        raise _refused([_known(fault, model) for fault in faults]) from exc


def _known(fault: Fault, model: type[Query]) -> Fault:
    if fault.code != "extra_forbidden":
        return fault
    known = ", ".join(field.alias or name for name, field in model.model_fields.items()) or "none"
    return Fault(fault.pointer, f"There is no such parameter here; there are: {known}", "unknown_parameter")


def refused_parameter(name: str, says: str, code: str) -> Malformed:
    """What a route raises that can tell only later that a parameter is none, or cannot have its value."""
    return _refused([Fault(f"?{name[:SHOWN]}", says, code)])


def _refused(faults: Sequence[Fault]) -> Malformed:
    refused = Malformed(f"{faults[0].pointer}: {faults[0].detail}", code="invalid_parameter")
    refused.faults = tuple(faults)
    return refused


class PageQuery(Query):
    """At most `limit` items, from `cursor` on, which is the `next_cursor` of the page before."""

    limit: Limit = 100
    cursor: str | None = None

    @property
    def filter(self) -> dict[str, object]:
        """What narrows the list, as plain JSON: a cursor goes with the same filter only, whatever the page's size."""
        return self.model_dump(mode="json", exclude=PAGING, exclude_none=True)


class OffsetQuery(PageQuery):
    """As `PageQuery`; old clients skip `offset` items instead."""

    offset: Offset = 0

    @model_validator(mode="after")
    def _starts_once(self) -> Self:
        if self.cursor is not None and self.offset:
            raise cross_fault("two_places", "Either cursor or offset should be given, not both", "cursor", "offset")
        return self
