"""Where event types come from: their versions, and which of them are in force."""

from collections.abc import Sequence
from typing import Protocol

from fraudshield.audit.audit import AuditEntry
from fraudshield.event_type.entity import Slots
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.in_force import InForce

Version = tuple[str, int]  # a name and a number


class EventTypeStore(Protocol):
    """All versions of all event types but the built-in one."""

    def in_force(self, within_s: float) -> InForce:
        """What is in force now, read within so many seconds. Raises StoreUnavailable."""

    def versions(self, wanted: Sequence[Version], within_s: float) -> list[EventType | None]:
        """Each version in order, None where it is not stored. Raises StoreUnavailable."""

    def put(self, event_type: EventType, in_force: InForce, entry: AuditEntry) -> None:
        """Stores a version, what is in force with it, and the audit log's entry, all or nothing.

        Repeating it changes nothing.

        Raises EventTypeConflict where something else was stored since, StoreUnavailable.
        """

    def put_in_force(self, in_force: InForce) -> None:
        """Stores what is in force, the versions being stored already. Raises as `put`."""


class EventTypes(Protocol):
    """The event types by which payments are read."""

    def named(self, name: str) -> EventType:
        """The version in force, as this process knows it. Raises UnknownEventType, StoreUnavailable."""

    def renewed(self, event_type: EventType) -> EventType:
        """The version in force, looked up again if it was not just now; the same one where that cannot be read."""

    def slots(self, entity: str) -> Slots:
        """The slots of entities, looked up anew where this one has none. Raises StoreUnavailable."""
