"""Replaces a recipient's name in a stored transaction by a pseudonym, wherever the name shows."""

from typing import TYPE_CHECKING

from fraudshield.transaction.dynamo import transaction_of

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item


def hidden(item: "Item", pseudonym: str) -> "Item":
    """Returns a transaction's item as if it had been sent to the pseudonym.

    Its content has another hash then: from the old one, whoever knew the rest could find the name by trying.
    """
    content = transaction_of(item).model_copy(update={"nameDest": pseudonym})
    return {**item, "nameDest": {"S": pseudonym}, "content_hash": {"S": content.content_hash()}}
