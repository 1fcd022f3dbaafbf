"""What the expressions of an event type may name: its fields, its aggregates, and what is known of earlier payments."""

from collections.abc import Collection, Mapping

from fraudshield.event_type.aggregate import Aggregate
from fraudshield.event_type.event_type import EventTypeDocument, Fields
from fraudshield.event_type.field import NUMBERS
from fraudshield.expression.names import Environment, Kind

# What the table's indexes have of each payment, beside what its type shows.
CARRIED: Mapping[str, Kind] = {
    "amount": Kind.MONEY,
    "outcome": Kind.CATEGORY,
    "source": Kind.CATEGORY,
    "label": Kind.CATEGORY,
    "event_type": Kind.CATEGORY,
}
# What every payment has by these names, whatever its type calls the fields of those roles.
COMMON: Mapping[str, Kind] = {"transaction_id": Kind.TEXT, "occurred_at": Kind.INSTANT, "amount": Kind.MONEY}
WHOLE = frozenset({"count", "distinct"})


def carried(fields: Fields, shown: Collection[str]) -> dict[str, Kind]:
    """What an earlier payment is known by where it is counted, by name. Nothing else of it is read."""
    return {**CARRIED, **{name: Kind(fields[name].kind) for name in shown if name in fields}}


def history_environment(fields: Fields, shown: Collection[str]) -> Environment:
    """What the `where` of an aggregate may name."""
    return Environment(carried(fields, shown), zone=zone_of(fields), risk=True)


def environment(document: EventTypeDocument, fields: Fields) -> Environment:
    """What conditions and features may name; `fields` are the document's own and those of what it extends."""
    known = carried(fields, document.shown)
    kinds = {name: Kind(field.kind) for name, field in fields.items()}
    aggregates = {name: kind_of(one, known) for name, one in document.aggregates.items()}
    return Environment({**kinds, **COMMON}, aggregates, zone=zone_of(fields))


def kind_of(one: Aggregate, known: Mapping[str, Kind]) -> Kind:
    """What an aggregate gives: a whole number, a sum of what it is of, or a number."""
    if one.measure in WHOLE:
        return Kind.INTEGER
    return known.get(str(one.measured), Kind.NUMBER) if one.measure == "sum" else Kind.NUMBER


def summable(known: Mapping[str, Kind]) -> list[str]:
    """The names of what can be added up."""
    return [name for name, kind in known.items() if kind.value in NUMBERS]


def zone_of(fields: Fields) -> str:
    """The time zone of the type's clock: that of its time, else of the first instant that says one."""
    zones = [field.zone for field in sorted(fields.values(), key=lambda one: one.role != "time") if field.zone]
    return zones[0] if zones else "UTC"
