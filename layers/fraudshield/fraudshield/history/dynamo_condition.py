"""Conditions of the rows that a list shows: as a query filters by them, and as they are checked of an item at hand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

Test = Literal["in", "not", "at_least", "at_most", "between", "has", "there", "missing"]
# By test its expression: `{at}` is where the attribute is, `{values}` are the values in order.
WRITTEN: Mapping[Test, str] = {
    "in": "{at} IN ({values})",
    "not": "{at} <> {values}",
    "at_least": "{at} >= {values}",
    "at_most": "{at} <= {values}",
    "between": "{at} BETWEEN {values}",
    "has": "contains({at}, {values})",
    "there": "attribute_exists({at})",
    "missing": "attribute_not_exists({at})",
}


@dataclass(frozen=True, slots=True)
class RowCondition:
    """A test of an attribute, or of any of several; a value of `shown` is at `("shown", NAME)`."""

    at: Sequence[str]
    test: Test
    values: Sequence[Any] = ()  # as attributes of DynamoDB's, such as `{"S": "api"}`
    or_at: Sequence[str] = ()

    @property
    def attributes(self) -> set[str]:
        """The attributes that an item must have at hand for the test."""
        return {one[0] for one in (self.at, self.or_at) if one}

    def expression(self, names: dict[str, str], values: dict[str, Any]) -> str:
        """Its expression; adds what stands for names and values."""
        given = [_added(values, ":v", value) for value in self.values]
        joined = (" AND " if self.test == "between" else ", ").join(given)
        places = [".".join(_added(names, "#n", step) for step in one) for one in (self.at, self.or_at) if one]
        written = [WRITTEN[self.test].format(at=place, values=joined) for place in places]
        return written[0] if len(written) == 1 else f"({' OR '.join(written)})"

    def holds(self, item: "Item") -> bool:
        """Whether the item passes, as DynamoDB would say."""
        return any(self._holds(_attribute(item, one)) for one in (self.at, self.or_at) if one)

    def _holds(self, attribute: Any) -> bool:
        if self.test in ("there", "missing"):
            return (attribute is not None) == (self.test == "there")
        if self.test == "not":
            return bool(attribute != self.values[0])
        if attribute is None:
            return False
        if self.test == "in":
            return any(_equal(attribute, value) for value in self.values)
        if self.test == "has":
            return self.values[0] in attribute.get("L", ())
        low = self.test == "at_most" or _compared(attribute, self.values[0]) >= 0
        return low and (self.test == "at_least" or _compared(attribute, self.values[-1]) <= 0)


def filter_of(conditions: Iterable[RowCondition], names: dict[str, str], values: dict[str, Any]) -> str:
    """One expression of all conditions; adds what stands for names and values."""
    return " AND ".join(one.expression(names, values) for one in conditions)


def _added(known: dict[str, Any], prefix: str, value: Any) -> str:
    for name, there in known.items():
        if there == value and name.startswith(prefix):
            return name
    name = f"{prefix}{len(known)}"
    known[name] = value
    return name


def _attribute(item: "Item", at: Sequence[str]) -> Any:
    held: Any = item.get(at[0])
    for step in at[1:]:
        held = (held or {}).get("M", {}).get(step)
    return held


def _equal(one: Any, other: Any) -> bool:
    if "N" in one and "N" in other:
        return Decimal(one["N"]) == Decimal(other["N"])
    return bool(one == other)


def _compared(one: Any, other: Any) -> int:
    [(kind, held)], [(other_kind, bound)] = one.items(), other.items()
    if kind != other_kind:
        return 2 if kind == "N" else -2  # none of ours compares one kind with another
    values = (Decimal(held), Decimal(bound)) if kind == "N" else (held, bound)
    return (values[0] > values[1]) - (values[0] < values[1])
