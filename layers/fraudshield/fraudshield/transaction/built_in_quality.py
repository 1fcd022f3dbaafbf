"""What can be odd about a transaction of the built-in type: its balances, and who is a merchant."""

from decimal import Decimal

from fraudshield.event_type.payment import MERCHANT_PREFIX
from fraudshield.transaction.built_in import BuiltInTransaction

TOLERANCE = Decimal("0.01")  # a balance may be rounded to the cent


def merchant_mismatch(transaction: BuiltInTransaction) -> bool:
    """Whether a payment goes to no merchant, or another type to a merchant."""
    return _to_merchant(transaction) != (transaction.type == "PAYMENT")


def overdraft(transaction: BuiltInTransaction) -> bool:
    """Whether the sender did not have the amount."""
    return transaction.type != "CASH_IN" and transaction.amount > transaction.oldbalanceOrg


def origin_balance_mismatch(transaction: BuiltInTransaction) -> bool:
    """Whether the sender's balances differ by another amount."""
    leaves = -transaction.amount if transaction.type != "CASH_IN" else transaction.amount
    return abs(transaction.oldbalanceOrg + leaves - transaction.newbalanceOrig) > TOLERANCE


def destination_balance_mismatch(transaction: BuiltInTransaction) -> bool:
    """Whether the recipient's balances do; not of merchants, whose balances nobody reads."""
    comes = transaction.amount if transaction.type != "CASH_IN" else -transaction.amount
    gap = abs(transaction.oldbalanceDest + comes - transaction.newbalanceDest)
    return not _to_merchant(transaction) and gap > TOLERANCE


def _to_merchant(transaction: BuiltInTransaction) -> bool:
    return transaction.nameDest.startswith(MERCHANT_PREFIX)
