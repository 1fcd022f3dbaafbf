"""What evaluating reads and gives: values of a payment, what could not be read, and what was not evaluated."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NoReturn

MISSING = "missing"
DIVISION_BY_ZERO = "division_by_zero"
OVERFLOW = "overflow"
LIST_UNREAD = "list_unread"
HISTORY_CAPPED = "history_capped"
NO_RATE = "no_rate"

SAID = {
    MISSING: "{name} is missing",
    DIVISION_BY_ZERO: "a division by zero",
    OVERFLOW: "a number is too large for a float64",
    LIST_UNREAD: "the list {name} could not be read",
    HISTORY_CAPPED: "{name} counts more payments than are read, and what was read does not decide",
    NO_RATE: "{name} is in a currency that has no rate",
    "not_in_file": "{name} is over what no file says of its payments",
}


class _Unusable:
    """A value that no operator takes, so that the quick evaluation gives up on it and the careful one looks."""

    __slots__ = ()

    def _refuse(self, *_: object) -> NoReturn:
        raise TypeError("this value was not read, or not to its end")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __bool__ = __contains__ = _refuse
    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True, eq=False)
class Unread(_Unusable):
    """Stands for a value that is there and could not be read, or not be used: an aggregate, a list, an amount.

    `code` says why: `unread`, `no_rate`, or another stable code of the caller's.
    """

    code: str = "unread"


@dataclass(frozen=True, slots=True, eq=False)
class AtLeast(_Unusable):
    """Stands for an aggregate that is this or more: its history was longer than what is read of it."""

    least: float | Decimal


@dataclass(frozen=True, slots=True)
class NotEvaluated:
    """Why an expression has no value: a stable code, and the field, aggregate or list that it is about."""

    code: str
    name: str = ""

    @property
    def detail(self) -> str:
        """The reason in words."""
        return SAID.get(self.code, "{name} could not be read").format(name=self.name)


Scalar = bool | float | int | str | Decimal | datetime
Values = Mapping[str, Scalar | Unread | AtLeast | None]
Lists = Mapping[str, Container[str] | Unread]
Result = bool | float | str | NotEvaluated
NO_LISTS: Lists = {}
