"""Where a payment of one's own type stands in the table's indexes, and what they show of it."""

from collections.abc import Mapping
from dataclasses import replace

from fraudshield.event_type.entity import busy, entity_key, slots_by_field, slotted
from fraudshield.event_type.event_type import EventType
from fraudshield.transaction.own import OwnContent, as_content


class Placement:
    """The slots, the busy entities and the shown fields of one version of a type."""

    def __init__(self, event_type: EventType) -> None:
        fields = event_type.all_fields
        entities, slots = dict(slotted(fields)), slots_by_field(event_type.slots, fields)
        self._slots = {name: (f"entity_{slot}", entities[name]) for name, slot in slots.items()}
        self._busy = dict(busy(fields))
        self._shown = event_type.shown

    def placed(self, content: OwnContent, others: Mapping[str, object]) -> OwnContent:
        """The content with its keys and what is shown of it; `others` are the fields that it has not itself."""
        if not self._slots and not self._busy and not self._shown:
            return content
        held = {**others, **content.fields}
        slots = {
            slot: entity_key(entity, value)
            for name, (slot, entity) in self._slots.items()
            if isinstance(value := held.get(name), str)
        }
        counted = tuple(
            entity_key(entity, value) for name, entity in self._busy.items() if isinstance(value := held.get(name), str)
        )
        shown = {name: as_content(held[name]) for name in self._shown if held.get(name) is not None}
        return replace(content, slots=slots, busy=counted, shown=shown)
