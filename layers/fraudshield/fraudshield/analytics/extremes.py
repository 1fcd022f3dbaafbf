"""Extremes: the smallest and largest amount, the first and last time, that a source has sent."""

from dataclasses import dataclass
from decimal import Decimal

from fraudshield.analytics.counted_transaction import TransactionChange
from fraudshield.analytics.series import BATCH


@dataclass(frozen=True, slots=True)
class Extremes:
    """Amount and time that may be the smallest or largest of a source. Instants are texts of one width."""

    source: str
    amount: Decimal
    occurred_at: str


def extremes_of(change: TransactionChange) -> Extremes | None:
    """The extremes of a transaction that is new; None where it is not, or where a job's summary has them."""
    one = change.after
    if one is None or not change.inserted or one.source == BATCH:
        return None
    return Extremes(one.source, one.amount, one.occurred_at)
