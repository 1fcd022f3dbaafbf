"""What payments name beside accounts, and that is to be forgotten: an entity's value, such as a person's device."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from pydantic import StringConstraints, TypeAdapter, ValidationError

from fraudshield.errors import InvalidInput, NotFound
from fraudshield.event_type.entity import Slots, busy, entity_key
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.field import MOST_TEXT
from fraudshield.text.fault import faults_of
from fraudshield.text.pattern import NO_CONTROLS

VALUE: TypeAdapter[str] = TypeAdapter(
    Annotated[str, StringConstraints(strict=True, min_length=1, max_length=MOST_TEXT, pattern=NO_CONTROLS)]
)


@dataclass(frozen=True, slots=True)
class Thing:
    """A value of an entity, and the slots by which payments that have it are found."""

    entity: str
    value: str
    slots: tuple[int, ...]

    @property
    def key(self) -> str:
        """Its key in the indexes of those slots; its erasure is marked under that, apart from accounts of that name."""
        return entity_key(self.entity, self.value)


def refuse_busy(entity: str, types: Iterable[EventType]) -> None:
    """Raises InvalidInput for an entity that is busy in some type. A 404 might be taken for erased."""
    if any(entity == named for one in types for _, named in busy(one.all_fields)):
        raise InvalidInput(
            f"{entity} is busy: payments are not found by its values, and none of its fields is personal; "
            "expected an entity that names a person's thing, or the account of the sender",
            code="busy_entity",
        )


def read_thing(entity: str, value: str, slots: Slots) -> Thing:
    """Reads what a path names.

    Raises:
        NotFound: no type names such an entity, or payments are not listed by it.
        InvalidInput: no payment can have this value. A 404 might be taken for erased.
    """
    if entity not in slots:
        raise NotFound("No event type has an entity of this name that payments are listed by")
    try:
        return Thing(entity, VALUE.validate_python(value), slots[entity])
    except ValidationError as exc:
        raise InvalidInput("No payment can have this value", faults_of(exc, sent=value), code="invalid_value") from exc
