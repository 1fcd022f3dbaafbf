"""What people do with lists: make one, put values on it, take them off."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fraudshield.audit.audit import AuditEntry, Author, digest
from fraudshield.errors import Fault, InvalidInput, NotFound
from fraudshield.event_type.entity import ACCOUNT
from fraudshield.event_type.event_type import EventType
from fraudshield.expression.lexer import RESERVED
from fraudshield.expression.names import nearest
from fraudshield.expression.text_operation import lower_ascii
from fraudshield.value_list.port import AdditionResult, ListConflict, ListStore, NoTrustingRules, TrustingRules
from fraudshield.value_list.request import (
    INVALID,
    EntryLine,
    EntryRequest,
    ListRequest,
    RefusedEntryLine,
    addition_of,
)
from fraudshield.value_list.value_list import FIELD_KINDS, MOST_LISTS, Addition, ListEntry, ValueList

ADMIN = "admin"  # the plan of keys that may trust for good
TRUSTED_FOR = timedelta(days=90)  # what an analyst lets pass comes up again; nobody looks after an exception for ever
NO_TRUSTING_RULES = NoTrustingRules()


@dataclass(frozen=True, slots=True)
class HeldBy:
    """A list and its entry of a value."""

    value_list: ValueList
    entry: ListEntry


@dataclass(frozen=True, slots=True)
class ListService:
    """Lists and their entries, with the rules that people's changes keep to."""

    store: ListStore
    rules: TrustingRules = NO_TRUSTING_RULES

    def put(self, name: str, said: ListRequest, types: Iterable[EventType], by: Author, now: datetime) -> ValueList:
        """Makes a list, or describes it anew; the one there is where it says the same.

        Raises:
            InvalidInput: no entity of the event types is called as its kind, or there are too many lists.
            ListConflict: it is there, of another kind.
            StoreUnavailable: whether it is stored is not known; putting it again tells.
        """
        before = self.store.named(name)
        if before is not None and before.kind != said.kind:
            raise ListConflict(f"The list {name} holds values of the kind {before.kind}, and that stays")
        if before is not None and before.description == said.description:
            return before
        if before is None:
            self._may_be_made(name, said.kind, types)
        made = ValueList(
            name=name,
            kind=said.kind,
            description=said.description,
            created_at=before.created_at if before else now,
            changed_at=now,
            by=by.key_id,
            actor=by.actor,
        )
        digests = _digest(before) if before else None, _digest(made)
        self.store.put(made, AuditEntry(now, by, "list", "changed" if before else "created", name, *digests))
        return made

    def named(self, name: str) -> ValueList:
        """A list. Raises NotFound, StoreUnavailable."""
        if (found := self.store.named(name)) is None:
            near = nearest(name, [one.name for one in self.store.all()])
            raise NotFound(f"There is no list of this name{f'; did you mean {near}?' if near else ''}")
        return found

    def add(self, name: str, sent: EntryRequest, by: Author, now: datetime) -> tuple[ListEntry, AdditionResult]:
        """Adds a value. Raises NotFound, InvalidInput, StoreUnavailable."""
        found = addition_of(sent, self.named(name), now)
        if isinstance(found, Addition):
            found = self._bounded([found], name, by, now)[0]
        if isinstance(found, Fault):
            raise InvalidInput(f"The entry is not valid: {found.detail}", [found], code=INVALID)
        return self.store.add(name, found, by, now)

    def add_lines(
        self,
        of: ValueList,
        lines: Sequence[EntryLine | RefusedEntryLine],
        by: Author,
        now: datetime,
        stop_at: float,
    ) -> list[AdditionResult | RefusedEntryLine]:
        """Adds the values of a file's lines, as far as time allows; one result each, in order.

        Raises StoreUnavailable: nothing was added.
        """
        readable = [line for line in lines if isinstance(line, EntryLine)]
        bounded = self._bounded([line.addition for line in readable], of.name, by, now)
        good = [one for one in bounded if isinstance(one, Addition)]
        done = iter(self.store.add_many(of.name, good, by, now, stop_at))
        results = iter([next(done) if isinstance(one, Addition) else one for one in bounded])
        return [line if isinstance(line, RefusedEntryLine) else _outcome(line.number, next(results)) for line in lines]

    def remove(self, name: str, value: str, by: Author, now: datetime) -> ListEntry:
        """Takes a value off a list. Raises NotFound: there is no such list, or the value is not on it."""
        left = self.store.remove(self.named(name).name, value, by, now)
        if left is None:
            raise NotFound("The value is not on the list")
        return left

    def holding(self, entity: str, value: str, now: datetime) -> Sequence[HeldBy]:
        """The lists that an entity's value is on now, of its kind or of any text. Raises StoreUnavailable."""
        lists = {one.name: one for one in self.store.all() if one.kind in {entity, *FIELD_KINDS}}
        found = self.store.holding(lists, value) if lists else {}
        return [HeldBy(lists[name], entry) for name, entry in sorted(found.items()) if entry.state(now) == "on"]

    def forget(self, entity: str, value: str) -> int:
        """The `ListErasures` port, of lists of the entity's kind and of any text."""
        names = [one.name for one in self.store.all() if one.kind in {entity, *FIELD_KINDS}]
        return self.store.forget(names, {value, lower_ascii(value)}) if names else 0

    def _bounded(self, said: Sequence[Addition], name: str, by: Author, now: datetime) -> Sequence[Addition | Fault]:
        """What an analyst adds to a list that lets payments pass expires within 90 days."""
        if by.plan == ADMIN or not self.rules.trust(name):
            return said
        latest = now + TRUSTED_FOR
        says = f"{name} is asked by a rule that lets payments pass: an analyst's entry expires within 90 days"
        refused = Fault("/expires_at", says, "trusted_too_long")
        return [
            replace(one, expires_at=latest) if one.expires_at is None else refused if one.expires_at > latest else one
            for one in said
        ]

    def _may_be_made(self, name: str, kind: str, types: Iterable[EventType]) -> None:
        if name in RESERVED:
            says = f"{name} is a word of the expression language; choose another name"
            raise InvalidInput("The list is not valid", [Fault("/name", says, "reserved_name")], code="invalid_list")
        known = {ACCOUNT, *FIELD_KINDS}
        for one in types:
            named = (field.entity_of(name) for name, field in one.all_fields.items())
            known |= {entity for entity in named if entity is not None}
        if kind not in known:
            near = nearest(kind, known)
            says = f"{kind} is neither an entity nor text or category; {f'did you mean {near}?' if near else ''}"
            raise InvalidInput(
                "The list is not valid", [Fault("/kind", says.rstrip("; "), "unknown_kind")], "invalid_list"
            )
        if len(self.store.all()) >= MOST_LISTS:
            raise InvalidInput(f"There are {MOST_LISTS} lists already, and no more are taken", code="too_many_lists")


def _digest(one: ValueList) -> str:
    return digest(one.model_dump(exclude={"by", "changed_at"}))


def _outcome(number: int, done: AdditionResult | Fault) -> AdditionResult | RefusedEntryLine:
    return RefusedEntryLine(number, done) if isinstance(done, Fault) else done
