"""What an expression may name, and what one does name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import Enum

LISTS = "lists"
RISK = "risk"
UTC_ZONE = "UTC"


class Kind(Enum):
    """What a value is. The first seven are kinds of fields; durations are only ever worked out."""

    TEXT = "text"
    CATEGORY = "category"
    NUMBER = "number"
    MONEY = "money"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    INSTANT = "instant"
    DURATION = "duration"


TEXTS = frozenset({Kind.TEXT, Kind.CATEGORY})
NUMBERS = frozenset({Kind.NUMBER, Kind.MONEY, Kind.INTEGER})


@dataclass(frozen=True, slots=True)
class Environment:
    """The names that an expression may use: fields and aggregates with their kinds, lists, and `risk` in rules.

    `zone` is the time zone of `hour` and `weekday` where the expression names none. A field and an aggregate never
    share a name, and no name is one of `lexer.RESERVED`: whoever makes the environment has seen to that.
    """

    fields: Mapping[str, Kind]
    aggregates: Mapping[str, Kind] = field(default_factory=dict)
    lists: frozenset[str] = frozenset()
    zone: str = UTC_ZONE
    risk: bool = False

    def kind(self, name: str) -> Kind | None:
        """The kind of a field, an aggregate or `risk`; None where nothing is called so."""
        if name == RISK:
            return Kind.NUMBER if self.risk else None
        return self.fields.get(name) or self.aggregates.get(name)

    def known(self) -> list[str]:
        """Every name there is, lists as they are written."""
        risk = [RISK] if self.risk else []
        return [*self.fields, *self.aggregates, *risk, *(f"{LISTS}.{name}" for name in sorted(self.lists))]


@dataclass(frozen=True, slots=True, order=True)
class ListQuestion:
    """A question that an expression asks a list: whether it holds the value of a field, in small letters or as is."""

    list_name: str
    field: str
    lower: bool = False


@dataclass(frozen=True, slots=True)
class UsedNames:
    """What an expression reads: nothing else has to be fetched to evaluate it."""

    fields: frozenset[str] = frozenset()
    aggregates: frozenset[str] = frozenset()
    lists: frozenset[ListQuestion] = frozenset()
    risk: bool = False


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The name that was probably meant; None where none comes near."""
    by_lower = {one.lower(): one for one in known}
    close = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[close[0]] if close else None
