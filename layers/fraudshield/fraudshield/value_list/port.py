"""Where lists are kept, and who asks them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from fraudshield.audit.audit import AuditEntry, Author
from fraudshield.errors import Conflict, Fault
from fraudshield.value_list.value_list import Addition, ListEntry, ValueList


class ListConflict(Conflict):
    """The list is there already, of another kind."""

    code = "list_conflict"


class AdditionResult(StrEnum):
    """What an addition did."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class EntriesPage:
    """Entries that count, in the order of their digests. `after` is where the next page goes on, None at the end."""

    entries: Sequence[ListEntry]
    after: str | None


class ListStore(Protocol):
    """All lists and their entries."""

    def all(self) -> list[ValueList]:
        """Every list, by name. Raises StoreUnavailable."""

    def named(self, name: str) -> ValueList | None:
        """None where there is no such list. Raises StoreUnavailable."""

    def put(self, made: ValueList, entry: AuditEntry) -> None:
        """Stores a list with the audit log's entry of it. Raises StoreUnavailable."""

    def entry(self, name: str, value: str) -> ListEntry | None:
        """The entry of a value, also of one that has left the list lately. Raises StoreUnavailable."""

    def add(self, name: str, said: Addition, by: Author, now: datetime) -> tuple[ListEntry, AdditionResult]:
        """Adds a value with the audit log's entry of it; without one where it says nothing new.

        Raises StoreUnavailable.
        """

    def remove(self, name: str, value: str, by: Author, now: datetime) -> ListEntry | None:
        """Takes a value off the list; None where it is not on it. Raises StoreUnavailable."""

    def add_many(
        self, name: str, said: Sequence[Addition], by: Author, now: datetime, stop_at: float
    ) -> list[AdditionResult | Fault]:
        """Adds different values without an entry in the audit log; one result each, in order. Raises nothing."""

    def page(self, name: str, now: datetime, after: str | None, most: int) -> EntriesPage:
        """At most so many entries that count now, from behind `after` on. Raises StoreUnavailable."""

    def holding(self, names: Collection[str], value: str) -> Mapping[str, ListEntry]:
        """The entries of a value in these lists, by the list's name; gone ones too. Raises StoreUnavailable."""

    def forget(self, names: Collection[str], values: Collection[str]) -> int:
        """Deletes the entries of values from these lists, history and all; returns how many there were.

        Raises StoreUnavailable.
        """


class TrustingRules(Protocol):
    """Which lists rules ask that let payments pass."""

    def trust(self, name: str) -> bool:
        """Whether some `approve` rule in force asks the list. Raises StoreUnavailable."""


class NoTrustingRules:
    """The `TrustingRules` where no rule lets anything pass."""

    def trust(self, name: str) -> bool:  # noqa: ARG002 the port's
        """Never."""
        return False


class WholeLists(Protocol):
    """Lists, read from beginning to end."""

    def digests(self, name: str, at: datetime) -> Iterator[bytes]:
        """The digests of all values that count at a time, in order. Raises StoreUnavailable."""
