"""The ports of erasure: the marks of erased accounts, and what erases an account in the table and in files."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fraudshield.audit.audit import Author
from fraudshield.erasure.thing import Thing

SHOWN_MARK = 16  # hex digits of an erasure's mark, on the receipt and in the audit log


class Erasures(Protocol):
    """The marks of erased accounts. Whoever asks must know the name: the names cannot be listed."""

    def erased_at(self, accounts: Collection[str]) -> Mapping[str, datetime]:
        """Returns when each was last erased; those that never were are missing. Raises StoreUnavailable."""

    def pseudonym(self, account: str) -> str:
        """Returns the account's pseudonym in the transactions of others: it never changes."""


@dataclass(frozen=True, slots=True)
class FilesErased:
    """How far an erasure is in files: keys of those without the account now, and of those that nobody can read."""

    complete: bool = True
    rewritten: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


class FileErasures(Protocol):
    """Has files rewritten without the rows of erased accounts. It gets marks, never names."""

    def ask(self, mark: str, erased_at: datetime) -> FilesErased:
        """Starts it unless it is under way or done; returns its state. Raises StoreUnavailable, FilesUnavailable."""


class ListErasures(Protocol):
    """The lists that rules ask."""

    def forget(self, entity: str, value: str) -> int:
        """Deletes what lists have of an entity's value, history and all; returns how many entries there were.

        Raises StoreUnavailable.
        """


@dataclass(frozen=True, slots=True)
class Erased:
    """How far the erasure of an account is; the counts are over all calls of it. `mark` stands for the name."""

    mark: str
    erased_at: datetime
    complete: bool
    call_again_at: datetime | None
    deleted: int
    pseudonymised: int
    files: FilesErased = FilesErased()
    list_entries: int = 0


class AccountEraser(Protocol):
    """Erases accounts, values of other entities, and payments that no account leads to."""

    def erase(self, account: str, now: datetime, stop_at: float, by: Author) -> Erased:
        """Marks the account as erased `now`, then erases what came before, as far as that goes by `stop_at`.

        The audit log's entry of the call comes before anything is erased.

        Called again it continues; once complete, another call is another erasure. Raises StoreUnavailable.
        """

    def erase_payment(self, transaction_id: str, now: datetime, stop_at: float, by: Author) -> Erased:
        """The same for a payment that has no sender, with all that is stored beside it; files are not rewritten.

        Raises Conflict: it has a sender, and goes with that account.
        """

    def erase_thing(self, thing: Thing, now: datetime, stop_at: float, by: Author) -> Erased:
        """The same for the value of an entity: payments that have it get a pseudonym in its place."""
