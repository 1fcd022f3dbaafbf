"""Transactions that were refused: why and in which fields; none of their values and names is kept."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fraudshield.errors import Fault
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.quality import reasons

REFUSED = "refused"
REASON = "reason."


@dataclass(frozen=True, slots=True)
class Refusal:
    """One transaction that was refused, and its `source`. A repeat of the same one has the same `name`."""

    name: str
    source: str
    at: datetime
    transaction_id: str | None
    faults: tuple[Fault, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, each reason once."""
        return reasons(self.faults)

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """Field and code of each fault. A field that we do not know is the sender's own text, and left out."""
        return tuple((_field(fault.pointer), fault.code) for fault in self.faults)


def tally(refused: Sequence[Refusal]) -> dict[str, int]:
    """Counters: how many, and for each reason how many that have it."""
    return {REFUSED: len(refused)} | Counter(f"{REASON}{reason}" for one in refused for reason in one.reasons)


def _field(pointer: str) -> str:
    name = pointer.rpartition("/")[2]
    return f"/{name}" if name in BuiltInTransaction.model_fields else ""
