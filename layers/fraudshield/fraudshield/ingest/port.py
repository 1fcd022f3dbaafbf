"""Where transactions wait to be scored, and where the quality of what came in is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from fraudshield.transaction.queued import QueuedTransaction
from fraudshield.transaction.refusal import Refusal


class IngestQueue(Protocol):
    """Where transactions wait that were taken in and are still to be scored."""

    def send(self, transactions: Sequence[QueuedTransaction], give_up_at: float) -> list[bool]:
        """Whether each is durably queued, in order, known by `give_up_at` (`time.monotonic()` seconds). Never raises.

        One that is late may be queued all the same: sending it again changes nothing.
        """


@dataclass(frozen=True, slots=True)
class DayCounts:
    """Counters of one day (UTC) and one source, by name."""

    day: date
    source: str
    counters: Mapping[str, int]


class QualityLedger(Protocol):
    """How good the data is that came in: what was refused, and what was odd about the rest."""

    def note(self, refusals: Sequence[Refusal]) -> None:
        """Count those of one call and keep a few of them. Never raises: late or lost, it was only a count."""

    def note_once(self, refusal: Refusal) -> None:
        """Count and keep it, however often it is told. Raises StoreUnavailable."""

    def refused(self, first: date, last: date) -> list[DayCounts]:
        """Of what was refused on these days, oldest first: see `refusal.tally`. Raises StoreUnavailable."""

    def stored(self, first: date, last: date) -> list[DayCounts]:
        """Of what was stored and occurred on these days, oldest first: see `delta`. Raises StoreUnavailable."""

    def recent(self, most: int) -> list[Refusal]:
        """Kept ones, newest first; their faults without details. Raises StoreUnavailable."""
