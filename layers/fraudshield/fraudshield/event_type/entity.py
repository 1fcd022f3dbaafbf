"""Entities: what fields name. All types have them in common, and four have a slot in the table's indexes, for good."""

from collections.abc import Iterable
from hashlib import blake2b

from fraudshield.errors import Fault, NoSlot
from fraudshield.event_type.event_type import EventTypeDocument, Fields

SLOTS = 4  # beside sender and receiver: each is an index, which every payment that bears it pays for
ACCOUNT = "account"
MOST_KEY_BYTES = 1024  # DynamoDB takes 2048 of a key


def entity_key(entity: str, value: str) -> str:
    """The key of a thing in an index of entities, such as `device#d-1`; of a very long value a digest stands in it."""
    if len(value.encode()) > MOST_KEY_BYTES:
        value = f"#{blake2b(value.encode(), digest_size=32).hexdigest()}"
    return f"{entity}#{value}"


def slotted(fields: Fields) -> set[str]:
    """The entities of these fields that take a slot: busy ones have counters instead."""
    named = {field.entity_of(name) for name, field in fields.items() if field.entity is not None and not field.busy}
    return {name for name in named if name} - {ACCOUNT}


def has_slots(document: EventTypeDocument, others: Iterable[Fields]) -> None:
    """Checks that the entities of a document and of all `others` have a slot each. Raises NoSlot naming the fifth."""
    taken = {entity for fields in others for entity in slotted(fields)}
    for name, field in document.fields.items():
        taken |= slotted({name: field})
        if len(taken) > SLOTS:
            entity = field.entity_of(name)
            known = ", ".join(sorted(taken - {str(entity)}))
            says = f"{entity} would be the fifth entity; there are slots for {SLOTS}, taken by {known}, for good"
            raise NoSlot(says, (Fault(f"/fields/{name}/entity", f"{says}; busy: true takes none", NoSlot.code),))
