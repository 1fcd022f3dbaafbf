"""Transactions in a list: what of each is shown, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list shows of a transaction; outcome and risk are None where it has no decision yet."""

    transaction_id: str
    occurred_at: datetime
    type: str
    amount: Decimal
    origin: str
    destination: str
    source: str
    outcome: str | None
    risk: float | None
    label: str | None = None
    expected_loss: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page may be short, or empty, and still not be the last one: that is the one without `next_cursor`."""

    rows: Sequence[Listed]
    next_cursor: str | None
