"""A transaction as it stands in the store: as it came, with its first decision where it has one, and its label."""

from dataclasses import dataclass
from datetime import datetime

from fraudshield.decision import Decision
from fraudshield.label import Label
from fraudshield.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Stored:
    """`source` is the door by which it was decided; `store` where that is still to come."""

    transaction: Transaction
    occurred_at: datetime
    received_at: datetime
    source: str
    decision: Decision | None
    label: Label | None
