"""A fake of where lists are kept, and lists to keep there."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from fraudshield.audit.audit import AuditEntry, Author
from fraudshield.errors import Fault
from fraudshield.value_list.port import AdditionResult, EntriesPage
from fraudshield.value_list.reader import ListKey, LookedUp
from fraudshield.value_list.value_list import Addition, ListEntry, ValueList, added, digest_of, removed

MADE_AT = datetime(2026, 11, 24, 10, tzinfo=UTC)
ANALYST = Author(key_id="analyst-key", plan="analyst", actor="bo")


def list_of(name: str = "mule_accounts", kind: str = "account") -> ValueList:
    return ValueList(name=name, kind=kind, created_at=MADE_AT, changed_at=MADE_AT)


class FakeListStore:
    """The `ListStore` port in dicts."""

    def __init__(self, *lists: ValueList) -> None:
        self.lists = {one.name: one for one in lists}
        self.entries: dict[tuple[str, str], ListEntry] = {}
        self.logged: list[AuditEntry] = []

    def all(self) -> list[ValueList]:
        return [self.lists[name] for name in sorted(self.lists)]

    def named(self, name: str) -> ValueList | None:
        return self.lists.get(name)

    def put(self, made: ValueList, entry: AuditEntry) -> None:
        self.lists[made.name] = made
        self.logged.append(entry)

    def entry(self, name: str, value: str) -> ListEntry | None:
        return self.entries.get((name, value))

    def add(self, name: str, said: Addition, by: Author, now: datetime) -> tuple[ListEntry, AdditionResult]:
        before = self.entry(name, said.value)
        after = self.entries[name, said.value] = added(before, said, by, now)
        return after, AdditionResult.UNCHANGED if after is before else AdditionResult.ADDED

    def remove(self, name: str, value: str, by: Author, now: datetime) -> ListEntry | None:
        before = self.entry(name, value)
        if before is None or before.state(now) != "on":
            return None
        self.entries[name, value] = removed(before, by, now)
        return self.entries[name, value]

    def add_many(
        self, name: str, said: Sequence[Addition], by: Author, now: datetime, stop_at: float
    ) -> list[AdditionResult | Fault]:
        return [self.add(name, one, by, now)[1] for one in said]

    def page(self, name: str, now: datetime, after: str | None, most: int) -> EntriesPage:
        return EntriesPage([one for (of, _), one in self.entries.items() if of == name][:most], None)

    def holding(self, names: Collection[str], value: str) -> Mapping[str, ListEntry]:
        return {name: self.entries[name, value] for name in names if (name, value) in self.entries}

    def forget(self, names: Collection[str], values: Collection[str]) -> int:
        found = [key for key in self.entries if key[0] in names and key[1] in values]
        for key in found:
            del self.entries[key]
        return len(found)


class FakeEntries:
    """The `EntrySource` port over lists in a dict; `late` lists do not come in time."""

    def __init__(self, **lists: Mapping[str, LookedUp] | Sequence[str]) -> None:
        self.found = {
            (name, digest_of(value)): values[value] if isinstance(values, Mapping) else LookedUp(True)
            for name, values in lists.items()
            for value in values
        }
        self.late: set[str] = set()
        self.reads: list[tuple[int, int]] = []
        self._asked: Sequence[ListKey] = ()

    def begin(self, keys: Sequence[ListKey], payments: int) -> "FakeEntries":
        self.reads.append((len(keys), payments))
        self._asked = keys
        return self

    def results(self) -> Mapping[ListKey, LookedUp]:
        return {key: self.found.get(key, LookedUp(False)) for key in self._asked if key[0] not in self.late}
