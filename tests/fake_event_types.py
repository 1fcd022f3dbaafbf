"""Fakes of where event types come from."""

from collections.abc import Sequence

from fraudshield.audit.audit import AuditEntry
from fraudshield.errors import EventTypeConflict, StoreUnavailable
from fraudshield.event_type.active import ActiveEventTypes
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.in_force import InForce
from fraudshield.event_type.port import Version


class FakeEventTypeStore:
    """Versions in a dict; `down` makes every call fail. Each read is counted."""

    def __init__(self, *stored: EventType) -> None:
        self.stored: dict[Version, EventType] = {}
        self.now = InForce()
        self.looks = 0
        self.reads: list[Version] = []
        self.down = False
        self.entries: list[AuditEntry] = []
        for one in stored:
            self.stored[one.name, one.version] = one
            self.now = self.now.with_type(one)

    def in_force(self, within_s: float) -> InForce:
        self.looks += 1
        self._up()
        return self.now

    def versions(self, wanted: Sequence[Version], within_s: float) -> list[EventType | None]:
        self._up()
        self.reads += wanted
        return [self.stored.get(one) for one in wanted]

    def put(self, event_type: EventType, in_force: InForce, entry: AuditEntry) -> None:
        self._up()
        version = (event_type.name, event_type.version)
        if self.stored.get(version, event_type) != event_type or in_force.revision != self.now.revision + 1:
            raise EventTypeConflict("Something else was stored meanwhile")
        self.stored[version] = event_type
        self.now = in_force
        self.entries.append(entry)

    def put_in_force(self, in_force: InForce) -> None:
        self._up()
        if in_force.revision != self.now.revision + 1:
            raise EventTypeConflict("Something else was stored meanwhile")
        self.now = in_force

    def _up(self) -> None:
        if self.down:
            raise StoreUnavailable("down")


BUILT_IN_ONLY = ActiveEventTypes(FakeEventTypeStore())
