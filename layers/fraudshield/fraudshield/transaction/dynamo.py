"""A transaction as it came, as a DynamoDB item, and back; the day's key in the time index."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zlib import crc32

from fraudshield.text.timestamp import instant
from fraudshield.transaction.dynamo_field import StoredFields
from fraudshield.transaction.dynamo_own import own_attributes, own_content
from fraudshield.transaction.own import TypedTransaction
from fraudshield.transaction.transaction import Transaction

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

DAY_SHARDS = 10


def day_shard(transaction_id: str, occurred_at: datetime) -> str:
    """`2026-11-24#7`: the day's key for a transaction, always the same one."""
    return f"{occurred_at.astimezone(UTC).date().isoformat()}#{crc32(transaction_id.encode()) % DAY_SHARDS}"


TRANSACTION_RECORD = "transaction"
HAPPENED = "occurred_at"  # every item has it, whether it was sent or not: see `received_at`
FIELDS = StoredFields.of(Transaction, HAPPENED)


def undecided_item(
    transaction: Transaction, occurred_at: datetime, received_at: datetime, retention_days: int = 0
) -> "Item":
    """A transaction that is stored as it came: its first decision is still to be made."""
    item = FIELDS.write(transaction)
    item |= {
        "record": {"S": TRANSACTION_RECORD},
        "content_hash": {"S": transaction.content_hash()},
        HAPPENED: {"S": instant(occurred_at)},
        "day_shard": {"S": day_shard(transaction.transaction_id, occurred_at)},
        "source": {"S": "store"},
    }
    if isinstance(transaction, TypedTransaction):
        item |= own_attributes(transaction)
    if transaction.occurred_at is not None:
        item["received_at"] = {"S": instant(received_at)}  # else it is occurred_at
    if retention_days:
        expires_at = received_at + timedelta(days=retention_days)
        item["expires_at"] = {"N": str(int(expires_at.timestamp()))}
    return item


def transaction_of(item: "Item") -> Transaction:
    """The transaction as it was sent, without its decision."""
    occurred_at = datetime.fromisoformat(item[HAPPENED]["S"]) if "received_at" in item else None
    own = own_content(item)
    if own is not None:
        return TypedTransaction.model_construct(**FIELDS.read(item), occurred_at=occurred_at, own=own)
    return Transaction.model_construct(**FIELDS.read(item), occurred_at=occurred_at)


def received_at(item: "Item") -> datetime:
    """When we took it; where it did not say when it happened, it happened then."""
    return datetime.fromisoformat(item["received_at" if "received_at" in item else HAPPENED]["S"])


def is_decided(item: "Item") -> bool:
    """Whether the stored transaction has its first decision."""
    return "outcome" in item


def same_content(stored: "Item", item: "Item") -> bool:
    """Whether a whole item, as it is to be stored, holds the payment that is stored under its id.

    Either may carry a hash of the first scheme: what was stored or parked before there was another one.
    """
    if stored["content_hash"] == item["content_hash"]:
        return True
    return transaction_of(item).has_content(stored["content_hash"]["S"])
