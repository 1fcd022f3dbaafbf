"""A list of values of one kind, and an entry of one: who put it there, when, and until when it counts."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from fraudshield.audit.audit import Author
from fraudshield.event_type.field import MOST_TEXT
from fraudshield.text.pattern import CODE, NO_CONTROLS

MOST_LISTS = 100  # each is asked of one value by one read at most; an erasure looks into every one
DIGEST_BYTES = 16
FIELD_KINDS = ("text", "category")  # of lists whose values name nothing in particular
KEPT = timedelta(days=90)  # after its end: so far back a test on history asks a list as of a payment's time
MOST_SPANS = 20  # earlier ones that an entry keeps

EntryState = Literal["on", "expired", "removed"]


ListName = Annotated[str, StringConstraints(strict=True, pattern=CODE)]
ListKind = Annotated[str, StringConstraints(strict=True, pattern=CODE)]
ListedValue = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=MOST_TEXT, pattern=NO_CONTROLS)]
Remark = Annotated[str, StringConstraints(strict=True, max_length=500)]


class ValueList(BaseModel):
    """A list without its entries. Its kind is an entity's name, or a kind of field, and stays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ListName
    kind: ListKind
    description: Remark = ""
    created_at: datetime
    changed_at: datetime
    by: str = ""
    actor: Annotated[str, Field(exclude_if=lambda name: not name)] = ""


@dataclass(frozen=True, slots=True)
class ListedSpan:
    """A time in which a value was on a list: the end not included, None while it has none."""

    since: datetime
    until: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """Whether the value was on the list then."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class ListEntry:
    """A value of a list, kept for a while after it has left it. `earlier` are the times in which it was on it before.

    `by` is the id of the key that put it there last, `actor` who its bearer said to be. `revision` counts its changes.
    """

    value: str
    added_at: datetime
    note: str = ""
    by: str = ""
    actor: str = ""
    expires_at: datetime | None = None
    removed_at: datetime | None = None
    earlier: tuple[ListedSpan, ...] = ()
    revision: int = 1

    @property
    def ended_at(self) -> datetime | None:
        """When it leaves or left the list; None where it stays."""
        ends = [end for end in (self.expires_at, self.removed_at) if end is not None]
        return min(ends, default=None)

    @property
    def span(self) -> ListedSpan:
        """The time in which it is or was last on the list."""
        return ListedSpan(self.added_at, self.ended_at)

    def is_on(self, at: datetime) -> bool:
        """Whether the value was, or will be, on the list at that time."""
        return any(span.covers(at) for span in (self.span, *self.earlier))

    def state(self, now: datetime) -> EntryState:
        """Whether it counts, or why not."""
        if self.ended_at is None or now < self.ended_at:
            return "on"
        return "removed" if self.removed_at == self.ended_at else "expired"


@dataclass(frozen=True, slots=True)
class Addition:
    """A value as somebody means to add it."""

    value: str
    note: str = ""
    expires_at: datetime | None = None


def digest_of(value: str) -> bytes:
    """The 16 bytes that stand for a value: its place in a list, and in the table that a file's chunks search."""
    return sha256(value.encode(errors="surrogatepass")).digest()[:DIGEST_BYTES]


def added(before: ListEntry | None, said: Addition, by: Author, now: datetime) -> ListEntry:
    """The entry after an addition; the same one where it says nothing new.

    A value that is on the list stays since when it was; one that had left it comes anew, and its time before is kept.
    """
    if before is not None and before.state(now) == "on":
        if (before.note, before.expires_at) == (said.note, said.expires_at):
            return before
        return replace(
            before,
            note=said.note,
            expires_at=said.expires_at,
            by=by.key_id,
            actor=by.actor,
            revision=before.revision + 1,
        )
    return ListEntry(
        said.value,
        now,
        said.note,
        by.key_id,
        by.actor,
        said.expires_at,
        earlier=_earlier(before, now) if before else (),
        revision=before.revision + 1 if before else 1,
    )


def removed(before: ListEntry, by: Author, now: datetime) -> ListEntry:
    """The entry after its removal, by whom; the same one where it was off the list already."""
    if before.state(now) != "on":
        return before
    return replace(before, removed_at=now, by=by.key_id, actor=by.actor, revision=before.revision + 1)


def _earlier(before: ListEntry, now: datetime) -> tuple[ListedSpan, ...]:
    spans = [*before.earlier, before.span]
    return tuple(span for span in spans if span.until is None or span.until > now - KEPT)[-MOST_SPANS:]
