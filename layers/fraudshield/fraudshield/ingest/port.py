"""The queue of transactions to be scored, and the ledger of the quality of what was sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from fraudshield.transaction.queued import QueuedTransaction
from fraudshield.transaction.refusal import Refusal


class IngestQueue(Protocol):
    """Queues transactions that were accepted and are still to be scored."""

    def send(self, transactions: Sequence[QueuedTransaction], give_up_at: float) -> list[bool]:
        """Queues them; says of each whether it is durably queued by `give_up_at` (`time.monotonic()` seconds).

        Never raises. One that is late may be queued all the same: sending it again changes nothing.
        """


@dataclass(frozen=True, slots=True)
class DayCounts:
    """Counters of one day (UTC) and one source, by name."""

    day: date
    source: str
    counters: Mapping[str, int]


class QualityLedger(Protocol):
    """Counts how good the received data is: what was refused, and what was odd about the rest."""

    def note(self, refusals: Sequence[Refusal]) -> None:
        """Counts the refusals of one request and stores a few of them. Never raises: it is only a count."""

    def note_once(self, refusal: Refusal) -> None:
        """Counts and stores a refusal once, however often it is noted. Raises StoreUnavailable."""

    def refused(self, first: date, last: date) -> list[DayCounts]:
        """Returns counters (`refusal.tally`) of refusals on these days, oldest first. Raises StoreUnavailable."""

    def stored(self, first: date, last: date) -> list[DayCounts]:
        """Returns counters of what was stored and occurred on these days, oldest first. Raises StoreUnavailable."""

    def recent(self, most: int) -> list[Refusal]:
        """Returns stored refusals, newest first, their faults without details. Raises StoreUnavailable."""
