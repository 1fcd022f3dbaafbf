"""Data quality: every check on a transaction, in one list. A fault refuses it, a flag is kept with it.

A flag says that something is odd about a transaction that is good enough to score. It changes no decision.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fraudshield.errors import Fault, QueueUnavailable, TransactionConflict
from fraudshield.expression.reading import NO_RATE
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.built_in_quality import (
    destination_balance_mismatch,
    merchant_mismatch,
    origin_balance_mismatch,
    overdraft,
)
from fraudshield.transaction.own import KEPT
from fraudshield.transaction.transaction import Transaction

CLOCK_SKEW = timedelta(minutes=5)
STALE = timedelta(days=30)
OF_RECEIPT = frozenset({"clock_skew", "stale"})
OTHER = "invalid"
NOTHING_DECIDES = "nothing_decides"  # said by the decision: no model, and no condition
REPEATED = "duplicate"
# Why a transaction is refused, by the code of its fault: few names, so that their counts can be kept.
REASONS = {
    "missing": "missing",
    "extra_forbidden": "unknown_field",
    "literal_error": "unknown_type",
    "greater_than": "out_of_range",
    "greater_than_equal": "out_of_range",
    "less_than": "out_of_range",
    "less_than_equal": "out_of_range",
    "money_digits": "out_of_range",
    "money_finite": "out_of_range",
    "card_number": "card_number",
    "kept_too_large": "out_of_range",
    "bool_type": "wrong_kind",
    "int_type": "wrong_kind",
    "list_type": "wrong_kind",
    "model_type": "wrong_kind",
    "money_type": "wrong_kind",
    "string_type": "wrong_kind",
    "string_pattern_mismatch": "bad_text",
    "string_too_long": "bad_text",
    "string_too_short": "bad_text",
    "string_unicode": "bad_text",
    "rfc3339": "bad_time",
    TransactionConflict.code: "id_conflict",
    QueueUnavailable.code: "not_queued",
}


@dataclass(frozen=True, slots=True)
class QualityCheck:
    """One thing that can be odd about a transaction; `fails` is told when we received it."""

    flag: str
    says: str
    fails: Callable[[Transaction, datetime], bool]


def reasons(faults: Sequence[Fault]) -> tuple[str, ...]:
    """Why a transaction with these faults is refused; each reason once, in order of name."""
    return tuple(sorted({REASONS.get(fault.code, OTHER) for fault in faults}))


def quality_flags(transaction: Transaction, received_at: datetime) -> tuple[str, ...]:
    """The flags of every check that fails, in the order of `CHECKS`."""
    return tuple(check.flag for check in CHECKS if check.fails(transaction, received_at))


def quality_flags_again(transaction: Transaction, received_at: datetime, said: Sequence[str]) -> tuple[str, ...]:
    """The flags as they are worked out later; what is `said` stays said of those that depend on the receipt.

    Of a transaction that was stored first and decided later, only the first receipt is stored.
    """
    found = quality_flags(transaction, received_at)
    return tuple(check.flag for check in CHECKS if check.flag in (said if check.flag in OF_RECEIPT else found))


def _clock_skew(transaction: Transaction, received_at: datetime) -> bool:
    return transaction.occurred_at is not None and transaction.occurred_at - received_at > CLOCK_SKEW


def _stale(transaction: Transaction, received_at: datetime) -> bool:
    return transaction.occurred_at is not None and received_at - transaction.occurred_at > STALE


def _zero_amount(transaction: Transaction, _: datetime) -> bool:
    return transaction.amount == 0


def _no_amount(transaction: Transaction, _: datetime) -> bool:
    return transaction.amount is None


def _no_rate(transaction: Transaction, _: datetime) -> bool:
    own = transaction.own
    return transaction.amount is not None and own is not None and own.money is not None and own.money.lacks_rate


def _self_transfer(transaction: Transaction, _: datetime) -> bool:
    return transaction.sender is not None and transaction.sender == transaction.receiver


def _kept_fields(transaction: Transaction, _: datetime) -> bool:
    return transaction.own is not None and KEPT in transaction.own.fields


def _of_built_in(flag: str, says: str, fails: Callable[[BuiltInTransaction], bool]) -> QualityCheck:
    return QualityCheck(flag, says, lambda sent, _: isinstance(sent, BuiltInTransaction) and fails(sent))


CHECKS = (
    QualityCheck("clock_skew", "it says that it happened more than 5 minutes after we received it", _clock_skew),
    QualityCheck("stale", "it happened more than 30 days before we received it", _stale),
    QualityCheck("zero_amount", "no money moved", _zero_amount),
    QualityCheck("self_transfer", "sender and recipient are one account", _self_transfer),
    _of_built_in("merchant_mismatch", "a payment to no merchant, or another type to a merchant", merchant_mismatch),
    _of_built_in("overdraft", "the sender did not have the amount", overdraft),
    _of_built_in("origin_balance", "the sender's balances differ by another amount", origin_balance_mismatch),
    _of_built_in(
        "destination_balance", "the recipient's balances differ by another amount", destination_balance_mismatch
    ),
    QualityCheck("no_amount", "its amount is in a currency that is not known", _no_amount),
    QualityCheck(NO_RATE, "its money is in a currency that had no rate then", _no_rate),
    QualityCheck("kept_fields", "it has values that no field of its event type names", _kept_fields),
)
