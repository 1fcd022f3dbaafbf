"""The event types of this process: what is in force is read once a minute, and a document when its digest is new."""

import time
from collections.abc import Callable
from datetime import datetime

from fraudshield.audit.audit import Action, AuditEntry, Author
from fraudshield.budget import EVENT_TYPE_LOOK_S, FRESH_LOOK_S, POLICY_CACHE_S, STORE_S
from fraudshield.errors import InvalidInput, NotFound, StoreUnavailable, UnknownEventType
from fraudshield.event_type.check import checked
from fraudshield.event_type.compatibility import keeps_stored
from fraudshield.event_type.entity import Slots, slotted
from fraudshield.event_type.event_type import EventType, EventTypeDocument
from fraudshield.event_type.in_force import InForce, TypeVersion
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.event_type.port import EventTypeStore

NEVER = float("-inf")
MOST_TYPES = 50  # all of them are named in one item, which every process reads once a minute


class ActiveEventTypes:
    """The `EventTypes` port. The built-in type is known without asking anybody."""

    def __init__(self, store: EventTypeStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._in_force = InForce()
        self._documents: dict[str, EventType] = {}  # by name, the newest that was read
        self._fresh_until = NEVER
        self._looked_at: dict[str, float] = {}

    def named(self, name: str) -> EventType:
        """The version in force. Known ones serve on while the store is away; a name is unknown after a fresh look."""
        if name == BUILT_IN.name:
            return BUILT_IN
        if self._clock() >= self._fresh_until:
            self._refresh(name)
        if name not in self._in_force.event_types and self._may_look(name):
            self._look(STORE_S)
        if name not in self._in_force.event_types:
            raise UnknownEventType(f"There is no event type {name[:64]!r}")
        return self._document(name, STORE_S)

    def renewed(self, event_type: EventType) -> EventType:
        """The version in force as of a fresh look, unless one was made for this name within `FRESH_LOOK_S`."""
        if event_type.name == BUILT_IN.name:
            return event_type
        if not self._may_look(event_type.name):
            return self._documents.get(event_type.name, event_type)
        try:
            self._look(STORE_S)
            return self._document(event_type.name, STORE_S)
        except StoreUnavailable:
            return event_type

    def slots(self, entity: str) -> Slots:
        """The slots of entities. One that was put a moment ago is found by a fresh look, once in `FRESH_LOOK_S`."""
        if self._clock() >= self._fresh_until or (entity not in self._in_force.slots and self._may_look(f"#{entity}")):
            self._look(STORE_S)
        return self._in_force.slots

    def known(self) -> InForce:
        """What is in force as of the last minute's look; of an earlier one where the store is away.

        Raises StoreUnavailable: it was never read.
        """
        if self._clock() >= self._fresh_until:
            never = self._fresh_until == NEVER
            try:
                return self._look(STORE_S if never else EVENT_TYPE_LOOK_S)
            except StoreUnavailable:
                if never:
                    raise
        return self._in_force

    def looked(self) -> InForce:
        """What is in force now. Raises StoreUnavailable."""
        return self._look(STORE_S)

    def adopt(self, in_force: InForce) -> None:
        """Takes what was just stored for what is in force."""
        self._in_force = in_force

    def newest(self, name: str) -> EventType:
        """The newest version, read now. Raises UnknownEventType, StoreUnavailable."""
        if name == BUILT_IN.name:
            return BUILT_IN
        self._look(STORE_S)
        return self.named(name)

    def all(self) -> list[EventType]:
        """The newest version of each, read now, the built-in one first. Raises StoreUnavailable."""
        names = self._look(STORE_S).event_types
        return [BUILT_IN, *(self._document(name, STORE_S) for name in names)]

    def version(self, name: str, number: int) -> EventType:
        """A version, whether it is in force or not. Raises UnknownEventType, NotFound, StoreUnavailable."""
        newest = self.newest(name)
        if newest.version == number:
            return newest
        [found] = self._store.versions([(name, number)], STORE_S) if name != BUILT_IN.name else [None]
        if found is None:
            raise NotFound(f"The event type {name} has no version {number}")
        return self._placed(found)

    def put(self, document: EventTypeDocument, by: Author, at: datetime) -> EventType:
        """Stores the next version; the one in force where it says the same already.

        Raises:
            InvalidInput: with the place of each fault.
            BreaksStored, NoSlot: stored payments or other types forbid it.
            EventTypeConflict: something else was stored meanwhile.
            StoreUnavailable: whether it is stored is not known; putting it again tells.
        """
        types = {one.name: one for one in self.all()}
        base = types.get(document.extends or "")
        checked(document, base)
        document = _inheriting(document, base)
        before = types.get(document.name)
        if before is None and len(types) > MOST_TYPES:
            raise InvalidInput(
                f"There are {MOST_TYPES} event types already, and no more are taken", code="too_many_types"
            )
        if before is not None:
            keeps_stored(before, document)
        made = EventType(
            **{name: getattr(document, name) for name in EventTypeDocument.model_fields},
            version=before.version + 1 if before else 1,
            inherited=base.all_fields if base else {},
            lineage=(base.name, *base.lineage) if base else (),
            created_at=at,
            created_by=by.key_id,
            actor=by.actor,
        ).sealed()
        if before is not None and made.model_copy(update={"version": before.version}).sealed().digest == before.digest:
            return before
        in_force = self._in_force.with_type(made, types.values())
        action: Action = "changed" if before else "created"
        digest_before = before.digest if before else None
        entry = AuditEntry(at, by, "event_type", action, made.name, digest_before, made.digest, made.version)
        self._store.put(made, in_force, entry)
        self._in_force = in_force
        self._documents[made.name] = self._placed(made)
        return self._documents[made.name]

    def give_slots(self) -> bool:
        """Gives the entities of all stored types their slots, where a release before stored them without.

        Returns whether some had none. Raises NoSlot, EventTypeConflict, StoreUnavailable.
        """
        types = self.all()
        in_force = self._in_force.with_slots(types)
        if in_force is self._in_force:
            return False
        self._store.put_in_force(in_force)
        self._in_force = in_force
        return True

    def _refresh(self, name: str) -> None:
        """The look of every minute: short where the type is known, since its old version can serve meanwhile."""
        try:
            self._look(EVENT_TYPE_LOOK_S if name in self._documents else STORE_S)
        except StoreUnavailable:
            if name not in self._documents:
                raise

    def _may_look(self, name: str) -> bool:
        now = self._clock()
        if now - self._looked_at.get(name, NEVER) < FRESH_LOOK_S:
            return False
        if len(self._looked_at) > MOST_TYPES:
            self._looked_at.clear()  # whoever makes up names makes us look, and does not fill the memory
        self._looked_at[name] = now
        return True

    def _look(self, within_s: float) -> InForce:
        self._in_force = self._store.in_force(within_s)
        self._fresh_until = self._clock() + POLICY_CACHE_S
        return self._in_force

    def _document(self, name: str, within_s: float) -> EventType:
        wanted, known = self._in_force.event_types[name], self._documents.get(name)
        if known is None or known.digest != wanted.digest:
            try:
                known = self._fetched(name, wanted, within_s)
            except StoreUnavailable:
                if known is None:
                    raise
                return known
        self._documents[name] = self._placed(known)
        return self._documents[name]

    def _placed(self, event_type: EventType) -> EventType:
        """The type with the slots of its entities; itself where it has them."""
        own = {entity for _, entity in slotted(event_type.all_fields)}
        slots = {entity: numbers for entity, numbers in self._in_force.slots.items() if entity in own}
        return event_type if slots == event_type.slots else event_type.model_copy(update={"slots": slots})

    def _fetched(self, name: str, wanted: TypeVersion, within_s: float) -> EventType:
        [found] = self._store.versions([(name, wanted.version)], within_s)
        if found is None or found.digest != wanted.digest:
            raise StoreUnavailable(f"Version {wanted.version} of the event type {name} is not what is in force")
        return found


def _inheriting(document: EventTypeDocument, base: EventType | None) -> EventTypeDocument:
    """What extends a type reports in that one's currency, and has its times of labels unless it says its own."""
    said = document.reporting_currency or (base.reporting_currency if base else None)
    label = document.label or (base.label if base else None)
    return document.model_copy(update={"reporting_currency": said, "label": label})
