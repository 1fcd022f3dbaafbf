"""Replaces a recipient's name in a stored transaction by a pseudonym, wherever the name shows."""

from typing import TYPE_CHECKING

from fraudshield.transaction.dynamo import RECEIVER, transaction_of
from fraudshield.transaction.dynamo_own import own_attributes

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item


def hidden(item: "Item", pseudonym: str) -> "Item":
    """Returns a transaction's item as if it had been sent to the pseudonym.

    Its content has another hash then: from the old one, whoever knew the rest could find the name by trying.
    """
    content = transaction_of(item).sent_to(pseudonym)
    own = own_attributes(content.own) if content.own else {}
    return {**item, **own, RECEIVER: {"S": pseudonym}, "content_hash": {"S": content.content_hash()}}
