"""Whose policy decides a payment: each event type has its own, and one that extends `payment` may go by payment's."""

from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.payment import NAME
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.transaction import Transaction

Owners = tuple[str, ...]  # names of event types: the policy of the first that has one
PAYMENT: Owners = (NAME,)


def owners_of_type(event_type: EventType) -> Owners:
    """Whose policy decides payments of this type."""
    if event_type.name == NAME:
        return PAYMENT
    return (event_type.name, NAME) if event_type.is_payment else (event_type.name,)


def owners(transaction: Transaction) -> Owners:
    """Whose policy decides this one."""
    if transaction.own is None:
        return PAYMENT
    name = transaction.own.event_type.name
    return (name, NAME) if isinstance(transaction, BuiltInTransaction) else (name,)
