"""The fields that a policy's expressions name, and how they are checked against the event type before it counts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from fraudshield.errors import Fault, InvalidInput
from fraudshield.event_type.event_type import EventType
from fraudshield.expression.expression import condition
from fraudshield.expression.fault import InvalidExpression
from fraudshield.expression.names import Environment, Kind
from fraudshield.policy.velocity import VELOCITY_NAMES

# What every payment has by these names, whatever its type calls the fields of those roles.
COMMON: Mapping[str, Kind] = {"transaction_id": Kind.TEXT, "occurred_at": Kind.INSTANT, "amount": Kind.MONEY}
VELOCITIES: Mapping[str, Kind] = {
    name: Kind.MONEY if "_amount_" in name else Kind.NUMBER if name.endswith("_h") else Kind.INTEGER
    for name in sorted(VELOCITY_NAMES)
}
UTC_ZONE = "UTC"
NamedKind = Annotated[Kind, PlainSerializer(lambda kind: kind.value, return_type=str)]


class NamedFields(BaseModel):
    """Fields with their kinds, and the time zone of the type's clock. Neither ever changes once payments are stored."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fields: dict[str, NamedKind] = Field(default_factory=dict)
    zone: str = UTC_ZONE

    def environment(self) -> Environment:
        """What expressions may name: these fields, velocities by other names, and the model's risk."""
        velocities = {name: kind for name, kind in VELOCITIES.items() if name not in self.fields}
        return Environment(self.fields, velocities, zone=self.zone, risk=True)


def named_fields(event_type: EventType, expressions: Sequence[tuple[str, str]]) -> NamedFields:
    """The fields that expressions name, each given with where it stands. Raises InvalidInput with every fault."""
    known = _known(event_type)
    environment, faults, used = known.environment(), [], set[str]()
    for pointer, text in expressions:
        try:
            used |= condition(text, environment).names.fields
        except InvalidExpression as exc:
            faults += [Fault(pointer, says, code) for says, code in _places(exc)]
    if faults:
        raise InvalidInput("The policy is not valid", faults, code="invalid_policy")
    if not used and known.zone == UTC_ZONE:
        return NamedFields()
    return NamedFields(fields={name: known.fields[name] for name in sorted(used)}, zone=known.zone)


def fields_there_are(event_type: EventType, named: Iterable[tuple[str, str]]) -> None:
    """Checks that fields, each given with where it stands, are of the type or velocities. Raises InvalidInput."""
    known = _known(event_type).fields.keys() | VELOCITY_NAMES
    faults = [
        Fault(pointer, f"{name} is no field of {event_type.name}", "unknown_field")
        for pointer, name in named
        if name not in known
    ]
    if faults:
        raise InvalidInput("The policy is not valid", faults, code="invalid_policy")


def _known(event_type: EventType) -> NamedFields:
    fields = event_type.all_fields
    zone = next((field.zone for field in fields.values() if field.role == "time" and field.zone), UTC_ZONE)
    kinds = {name: Kind(field.kind) for name, field in fields.items()}
    return NamedFields(fields={**kinds, **COMMON}, zone=zone)


def _places(exc: InvalidExpression) -> Iterator[tuple[str, str]]:
    for place in exc.places:
        meant = f"; did you mean {place.suggestion}?" if place.suggestion else ""
        yield f"At character {place.position + 1}: {place.detail}{meant}", place.code
