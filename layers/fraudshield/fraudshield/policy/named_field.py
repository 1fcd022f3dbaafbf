"""The fields that a policy's expressions name, and how they are checked against the event type before it counts."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from fraudshield.errors import Fault, InvalidInput
from fraudshield.event_type.environment import environment
from fraudshield.event_type.event_type import EventType
from fraudshield.expression.expression import condition
from fraudshield.expression.fault import InvalidExpression
from fraudshield.expression.names import Environment, Kind
from fraudshield.policy.velocity import VELOCITY_NAMES

VELOCITIES: Mapping[str, Kind] = {
    name: Kind.MONEY if "_amount_" in name else Kind.NUMBER if name.endswith("_h") else Kind.INTEGER
    for name in sorted(VELOCITY_NAMES)
}
UTC_ZONE = "UTC"
NamedKind = Annotated[Kind, PlainSerializer(lambda kind: kind.value, return_type=str)]


class NamedFields(BaseModel):
    """Fields and aggregates with their kinds, the type's time zone, and lists by name: all as they were checked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fields: dict[str, NamedKind] = Field(default_factory=dict)
    aggregates: dict[str, NamedKind] = Field(default_factory=dict)
    zone: str = UTC_ZONE
    lists: Annotated[tuple[str, ...], Field(exclude_if=lambda lists: not lists)] = ()

    def environment(self) -> Environment:
        """What expressions may name: these fields, velocities by other names, and the model's risk."""
        velocities = {name: kind for name, kind in VELOCITIES.items() if name not in self.fields}
        aggregates = {**velocities, **self.aggregates}
        return Environment(self.fields, aggregates, frozenset(self.lists), self.zone, risk=True)


def named_fields(
    event_type: EventType, expressions: Sequence[tuple[str, str]], lists: Collection[str] = ()
) -> NamedFields:
    """The fields that expressions name, each given with where it stands; `lists` are all that there are.

    Raises InvalidInput with every fault.
    """
    known = known_fields(event_type).model_copy(update={"lists": tuple(lists)})
    names_known, used, asked = known.environment(), set[str](), set[str]()
    faults: list[Fault] = []
    for pointer, text in expressions:
        try:
            names = condition(text, names_known).names
            used |= names.fields | names.aggregates
            asked |= {question.list_name for question in names.lists}
        except InvalidExpression as exc:
            faults += _places(pointer, exc)
    if faults:
        raise InvalidInput("The policy is not valid", faults, code="invalid_policy")
    fields, aggregates = (
        {name: kinds[name] for name in sorted(used & kinds.keys())} for kinds in (known.fields, known.aggregates)
    )
    zone = known.zone if fields else UTC_ZONE
    return NamedFields(fields=fields, aggregates=aggregates, zone=zone, lists=tuple(sorted(asked)))


def fields_there_are(event_type: EventType, named: Iterable[tuple[str, str]]) -> None:
    """Checks that fields, each given with where it stands, are of the type or velocities. Raises InvalidInput."""
    known = known_fields(event_type).fields.keys() | VELOCITY_NAMES
    faults = [
        Fault(pointer, f"{name} is no field of {event_type.name}", "unknown_field")
        for pointer, name in named
        if name not in known
    ]
    if faults:
        raise InvalidInput("The policy is not valid", faults, code="invalid_policy")


def known_fields(event_type: EventType) -> NamedFields:
    """All fields and aggregates of an event type."""
    known = environment(event_type, event_type.all_fields)
    return NamedFields(fields=dict(known.fields), aggregates=dict(known.aggregates), zone=known.zone)


def _places(pointer: str, exc: InvalidExpression) -> Iterator[Fault]:
    for place in exc.places:
        meant = f"; did you mean {place.suggestion}?" if place.suggestion else ""
        says = f"At character {place.position + 1}: {place.detail}{meant}"
        yield Fault(pointer, says, place.code, place.position, place.suggestion or "")
