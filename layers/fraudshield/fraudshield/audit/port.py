"""The port of the audit log, as those read it who look after a deployment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fraudshield.audit.audit import AuditEntry, Kind


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` to `until`, the second not included; of one kind, or of any."""

    since: datetime
    until: datetime
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class NumberedEntry:
    """An entry and its number, which grows with the time."""

    number: int
    entry: AuditEntry


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries, newest first. `before` is the number that the next page comes before; None after the last one."""

    entries: Sequence[NumberedEntry]
    before: int | None


class AuditLog(Protocol):
    """All entries there ever were."""

    def page(self, span: Span, before: int | None, most: int) -> AuditPage:
        """At most so many entries of a span, newest first, with numbers below `before`. Raises StoreUnavailable."""
