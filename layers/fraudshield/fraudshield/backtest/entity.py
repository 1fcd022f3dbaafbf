"""The fields by whose values payments belong together: what is left out one by one where an interval is worked out."""

from collections.abc import Iterable

from fraudshield.event_type.event_type import EventType


def entity_fields(types: Iterable[EventType]) -> list[str]:
    """Every field of these types that names something, the sender's first; each field is taken by itself."""
    found: dict[str, None] = {}
    every = list(types)
    for one in every:
        if sender := one.by_role().get("sender"):
            found[sender] = None
    for one in every:
        found |= {name: None for name, field in one.all_fields.items() if field.entity_of(name) is not None}
    return list(found)
