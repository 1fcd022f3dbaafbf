"""A transaction at its time."""

from dataclasses import dataclass
from datetime import datetime

from fraudshield.transaction.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A transaction and when it happened."""

    transaction: Transaction
    at: datetime
