"""Aggregates as answers show them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from typing_extensions import TypedDict

from fraudshield.aggregate.value import AggregateValue, AggregateValues
from fraudshield.text.json_text import Number


class AtLeastObject(TypedDict):
    """An aggregate whose history was longer than what is read of it: it is this or more."""

    at_least: Number


class NotEvaluatedObject(TypedDict):
    """An aggregate without a value, and why: `unread`, `history_capped`, or `not_in_file`."""

    not_evaluated: str


AggregateObject = Number | AtLeastObject | NotEvaluatedObject | None  # null: there is none, as no mean of nothing


def shown_aggregates(values: AggregateValues) -> dict[str, AggregateObject]:
    """All of them by name."""
    return {name: _shown(one) for name, one in sorted(values.items())}


def told_aggregate(shown: Any) -> AggregateValue:
    """The value that an answer shows, whose numbers were read as decimals."""
    if isinstance(shown, Mapping):
        if "at_least" in shown:
            return AggregateValue(Decimal(shown["at_least"]), at_least=True)
        return AggregateValue(unread=str(shown["not_evaluated"]))
    return AggregateValue(None if shown is None else Decimal(shown))


def _shown(one: AggregateValue) -> AggregateObject:
    if one.unread:
        return {"not_evaluated": one.unread}
    if one.number is None:
        return None
    return {"at_least": one.number} if one.at_least else one.number
