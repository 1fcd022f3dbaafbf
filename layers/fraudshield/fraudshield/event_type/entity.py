"""Entities: what fields name. All types have them in common, and four have a slot in the table's indexes, for good."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b

from fraudshield.errors import Fault, NoSlot
from fraudshield.event_type.field import EventField

SLOTS = 4  # beside sender and receiver: each is an index, which every payment that bears it pays for
ACCOUNT = "account"
MOST_KEY_BYTES = 1024  # DynamoDB takes 2048 of a key
Slots = Mapping[str, tuple[int, ...]]  # by entity: one for each field that names it in one type


def entity_key(entity: str, value: str) -> str:
    """The key of a thing in an index of entities, such as `device#d-1`; of a very long value a digest stands in it."""
    if len(value.encode()) > MOST_KEY_BYTES:
        value = f"#{blake2b(value.encode(), digest_size=32).hexdigest()}"
    return f"{entity}#{value}"


def slotted(fields: Mapping[str, EventField]) -> Iterator[tuple[str, str]]:
    """The fields that take a slot, with the entity of each: busy ones have counters, accounts indexes of their own."""
    for name, field in fields.items():
        entity = field.entity_of(name)
        if entity is not None and entity != ACCOUNT and not field.busy:
            yield name, entity


def busy(fields: Mapping[str, EventField]) -> Iterator[tuple[str, str]]:
    """The fields whose payments are counted by the hour, with the entity of each."""
    for name, field in fields.items():
        if field.busy and (entity := field.entity_of(name)) is not None:
            yield name, entity


def with_slots(known: Slots, types: Iterable[Mapping[str, EventField]]) -> Slots:
    """The slots that are taken, and those that the fields of all `types` take beside them. Raises NoSlot."""
    slots = {entity: list(numbers) for entity, numbers in known.items()}
    for fields in types:
        needed: Counter[str] = Counter()
        for name, entity in slotted(fields):
            needed[entity] += 1
            if len(slots.setdefault(entity, [])) < needed[entity]:
                slots[entity].append(_next(slots, name, entity))
    return {entity: tuple(numbers) for entity, numbers in sorted(slots.items())}


def slots_by_field(slots: Slots, fields: Mapping[str, EventField]) -> Mapping[str, int]:
    """Which slot each field has; those of entities that have none yet are left out."""
    found: dict[str, int] = {}
    left = {entity: [*numbers] for entity, numbers in slots.items()}
    for name, entity in slotted(fields):
        if left.get(entity):
            found[name] = left[entity].pop(0)
    return found


def _next(slots: Mapping[str, list[int]], name: str, entity: str) -> int:
    taken = {number for numbers in slots.values() for number in numbers}
    if len(taken) < SLOTS:
        return next(number for number in range(1, SLOTS + 1) if number not in taken)
    by = ", ".join(one if len(numbers) == 1 else f"{one} ({len(numbers)} fields)" for one, numbers in _holders(slots))
    says = f"{entity} would take a fifth slot; there are {SLOTS}, taken by {by}, for good"
    raise NoSlot(says, (Fault(f"/fields/{name}/entity", f"{says}; busy: true takes none", NoSlot.code),))


def _holders(slots: Mapping[str, list[int]]) -> list[tuple[str, list[int]]]:
    return sorted((entity, numbers) for entity, numbers in slots.items() if numbers)
