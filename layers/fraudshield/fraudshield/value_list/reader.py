"""Reading lists for payments: what is known for a minute is not asked again, whether a list holds it or not."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from fraudshield.budget import LIST_CACHE_S
from fraudshield.expression.names import ListQuestion
from fraudshield.value_list.answer import NO_ANSWERS, ListAnswers, sought
from fraudshield.value_list.source import Asking, NoAnswers, PendingAnswers
from fraudshield.value_list.value_list import digest_of

MOST_KNOWN = 20_000  # look-ups that a process remembers: 4 MB
ListKey = tuple[str, bytes]  # a list's name and a value's digest: no value stays in memory


@dataclass(frozen=True, slots=True)
class LookedUp:
    """Whether a list has an entry, and when that ends."""

    is_there: bool
    ends_at: datetime | None = None

    def counts(self, now: datetime) -> bool:
        """Whether it counts now."""
        return self.is_there and (self.ends_at is None or now < self.ends_at)


class PendingEntries(Protocol):
    """Entries that are on their way."""

    def results(self) -> Mapping[ListKey, LookedUp]:
        """Those that came in time. Never raises."""


class EntrySource(Protocol):
    """Where entries are read, within the time of a payment."""

    def begin(self, keys: Sequence[ListKey], payments: int) -> PendingEntries:
        """Asks for all keys at once, for so many payments. Never raises."""


class ListReader:
    """The `ListSource` port. An entry that was added or removed counts within `LIST_CACHE_S`."""

    def __init__(
        self,
        entries: EntrySource,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._entries = entries
        self._clock = clock
        self._now = now
        self._known: dict[ListKey, tuple[float, LookedUp]] = {}  # the oldest look-up first

    def begin(self, asking: Asking) -> PendingAnswers:
        """Sends out what is not known. Waits for nothing."""
        if not any(questions for _, questions in asking):
            return NoAnswers(len(asking))
        keys = [
            {one: (one.list_name, digest_of(text)) for one, text in sought(transaction, questions).items()}
            for transaction, questions in asking
        ]
        wanted = dict.fromkeys(key for one in keys for key in one.values())
        fresh_from = self._clock() - LIST_CACHE_S
        known: dict[ListKey, LookedUp] = {}
        for key in wanted:
            read_at, found = self._known.get(key, (float("-inf"), None))
            if found is not None and read_at > fresh_from:
                known[key] = found
        missing = [key for key in wanted if key not in known]
        pending = self._entries.begin(missing, len(asking)) if missing else None
        return _Pending(self, keys, known, pending, self._clock(), self._now())

    def remember(self, found: Mapping[ListKey, LookedUp], read_at: float) -> None:
        """Keeps what was read; of too much the oldest goes."""
        for key, one in found.items():
            self._known.pop(key, None)
            self._known[key] = (read_at, one)
        for key in list(self._known)[: max(0, len(self._known) - MOST_KNOWN)]:
            self._known.pop(key, None)


@dataclass(frozen=True, slots=True)
class _Pending:
    reader: ListReader
    keys: Sequence[Mapping[ListQuestion, ListKey]]
    known: Mapping[ListKey, LookedUp]
    pending: PendingEntries | None
    asked_at: float
    now: datetime

    def answers(self) -> list[ListAnswers]:
        found = dict(self.known)
        if self.pending is not None:
            read = self.pending.results()
            self.reader.remember(read, self.asked_at)
            found |= read
        held = {key: one.counts(self.now) for key, one in found.items()}
        return [{one: held.get(key) for one, key in asked.items()} if asked else NO_ANSWERS for asked in self.keys]
