"""Values of aggregates as an attribute of the decided item, and back: exact both ways."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fraudshield.aggregate.value import NOTHING, AggregateValue, AggregateValues
from fraudshield.text.stored_number import stored_number

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

AGGREGATES = "aggregates"
AT_LEAST = "at_least"


def aggregates_map(values: AggregateValues) -> Any:
    """One map: of each a number, a map with `at_least`, null for none, or a text that says why it was not read."""
    return {"M": {name: _attribute(one) for name, one in values.items()}}


def aggregates_in(item: "Item") -> AggregateValues:
    """What `aggregates_map` was given, in the order of the alphabet; none of an item without any."""
    stored: Mapping[str, Any] = item[AGGREGATES]["M"] if AGGREGATES in item else {}
    return {name: _value(one) for name, one in sorted(stored.items())}


def _attribute(one: AggregateValue) -> Any:
    if one.unread:
        return {"S": one.unread}
    if one.number is None:
        return {"NULL": True}
    number = {"N": stored_number(one.number)}
    return {"M": {AT_LEAST: number}} if one.at_least else number


def _value(attribute: Any) -> AggregateValue:
    [(kind, held)] = attribute.items()
    if kind == "S":
        return AggregateValue(unread=held)
    if kind == "NULL":
        return NOTHING
    number = held[AT_LEAST]["N"] if kind == "M" else held
    return AggregateValue(Decimal(number), at_least=kind == "M")
