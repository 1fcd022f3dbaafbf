"""The built-in event type `payment`: what a payment was before there were types, field by field.

Its fields are the same in every release: clients of before send them. Its features are what a model of it is trained
on; the model in force has its own copies in its manifest.
"""

from decimal import Decimal

from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.feature import Feature, FeatureCase
from fraudshield.event_type.field import EventField

NAME = "payment"
TYPES = ("PAYMENT", "TRANSFER", "CASH_OUT", "CASH_IN", "DEBIT")
MERCHANT_PREFIX = "M"  # of the names of merchants; customers' begin otherwise
BALANCE = EventField(kind="money", required=True)
PAYMENT_FIELDS = {
    "transaction_id": EventField(kind="text", role="id"),
    "step": EventField(kind="integer", required=True, minimum=Decimal(0), maximum=Decimal(10**9)),
    "type": EventField(kind="category", required=True, values=TYPES),
    "amount": EventField(kind="money", required=True, role="amount", minimum=Decimal(0)),
    "nameOrig": EventField(kind="text", required=True, role="sender", personal=True),
    "oldbalanceOrg": BALANCE,
    "newbalanceOrig": BALANCE,
    "nameDest": EventField(kind="text", required=True, role="receiver", personal=True),
    "oldbalanceDest": BALANCE,
    "newbalanceDest": BALANCE,
    "occurred_at": EventField(kind="instant", role="time"),
}


def _share_of(balance: str, whose: str, code: str) -> Feature:
    """The amount by a balance; -1, which no share is, where that is empty or overdrawn."""
    return Feature(
        value=f"{balance} > 0 ? amount / {balance} : -1",
        says=f"The amount is {{percent}} % of the {whose}'s balance",
        cases=(
            FeatureCase(when="value == -1", says=f"The {whose}'s balance is empty or overdrawn"),
            FeatureCase(when="value >= 10", says=f"The amount is {{times}} times the {whose}'s balance"),
        ),
        code=code,
    )


# Only what is known before the money moves: neither `newbalanceOrig` nor `newbalanceDest`, nor `step`.
PAYMENT_FEATURES = {
    "type": Feature(value="type", says="The type is {value}", code="transaction_type"),
    "amount": Feature(value="amount", says="The amount is {money}"),
    "origin_balance": Feature(value="oldbalanceOrg", says="The sender's balance is {money}", code="sender_balance"),
    "destination_balance": Feature(
        value="oldbalanceDest", says="The receiver's balance is {money}", code="receiver_balance"
    ),
    "share_of_origin_balance": _share_of("oldbalanceOrg", "sender", "share_of_sender_balance"),
    "share_of_destination_balance": _share_of("oldbalanceDest", "receiver", "share_of_receiver_balance"),
    "origin_balance_left": Feature(
        value="oldbalanceOrg - amount",
        says="The sender has {money} left after it",
        cases=(FeatureCase(when="value < 0", says="The amount is {size} more than the sender's balance"),),
        code="sender_balance_left",
    ),
    "destination_is_merchant": Feature(
        value=f'nameDest.startsWith("{MERCHANT_PREFIX}")',
        says="The receiver is not a merchant",
        cases=(FeatureCase(when="value", says="The receiver is a merchant"),),
        code="receiver_kind",
    ),
}
# The digest is over how a payment is read, and is known to stores of before; another training may take other features.
BUILT_IN = (
    EventType(name=NAME, version=1, fields=PAYMENT_FIELDS).sealed().model_copy(update={"features": PAYMENT_FEATURES})
)
