"""Replaces a recipient's name in a stored transaction by a pseudonym, wherever the name shows."""

from typing import TYPE_CHECKING

from fraudshield.transaction.dynamo import RECEIVER, transaction_of
from fraudshield.transaction.dynamo_own import own_attributes
from fraudshield.transaction.transaction import Transaction

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item


def hidden(item: "Item", pseudonym: str) -> "Item":
    """Returns a transaction's item as if it had been sent to the pseudonym.

    Its content has another hash then: from the old one, whoever knew the rest could find the name by trying.
    """
    return holding(item, transaction_of(item).sent_to(pseudonym))


def holding(item: "Item", content: Transaction) -> "Item":
    """Returns a transaction's item with what may be kept of it in the place of what was sent."""
    own = own_attributes(content.own) if content.own else {}
    receiver: Item = {RECEIVER: {"S": content.receiver}} if content.receiver is not None else {}
    return {**item, **own, **receiver, "content_hash": {"S": content.content_hash()}}
