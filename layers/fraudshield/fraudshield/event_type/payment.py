"""The built-in event type `payment`: what a payment was before there were types, field by field.

It is the same in every release: clients of before send it, and its model reads it.
"""

from decimal import Decimal

from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.field import EventField

NAME = "payment"
TYPES = ("PAYMENT", "TRANSFER", "CASH_OUT", "CASH_IN", "DEBIT")
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
BUILT_IN = EventType(name=NAME, version=1, fields=PAYMENT_FIELDS).sealed()
