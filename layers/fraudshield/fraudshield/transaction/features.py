"""From a transaction to the numbers the model reads: arithmetic and comparisons only.

No logarithm and no exponential, because numpy's and the C library's differ in the last bit, and the
same transaction must get the same risk from every source. Only what is known before the money moves:
neither `newbalanceOrig` nor `newbalanceDest` is read, nor `step`.
"""

from fraudshield.transaction.built_in import BuiltInTransaction

NO_SHARE = -1.0  # instead of a division by an empty or overdrawn balance; a real share is never negative
TYPE_RANK = {"PAYMENT": 0.0, "DEBIT": 1.0, "CASH_IN": 2.0, "CASH_OUT": 3.0, "TRANSFER": 4.0}
MERCHANT_PREFIX = "M"
FEATURE_NAMES = (
    "type",
    "amount",
    "origin_balance",
    "destination_balance",
    "share_of_origin_balance",
    "share_of_destination_balance",
    "origin_balance_left",
    "destination_is_merchant",
)


def features(transaction: BuiltInTransaction) -> tuple[float, ...]:
    """The eight values in the order of `FEATURE_NAMES`, float64, never NaN.

    `fraudshield.predictor.columns.features` is the same over columns and is held equal to this by a test.
    """
    amount = float(transaction.amount)
    origin = float(transaction.oldbalanceOrg)
    destination = float(transaction.oldbalanceDest)
    return (
        TYPE_RANK[transaction.type],
        amount,
        origin,
        destination,
        amount / origin if origin > 0 else NO_SHARE,
        amount / destination if destination > 0 else NO_SHARE,
        origin - amount,
        1.0 if transaction.nameDest.startswith(MERCHANT_PREFIX) else 0.0,
    )
