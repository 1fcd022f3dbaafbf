"""A transaction as it came, as a DynamoDB item, and back; the day's key in the time index."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from zlib import crc32

from fraudshield.text.stored_number import stored_number
from fraudshield.text.timestamp import instant
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.dynamo_field import StoredFields
from fraudshield.transaction.dynamo_own import own_attributes, own_content
from fraudshield.transaction.extended import ExtendedTransaction
from fraudshield.transaction.money import Money
from fraudshield.transaction.own import OwnContent, OwnTransaction
from fraudshield.transaction.pricing import reported_amount
from fraudshield.transaction.transaction import Transaction

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

DAY_SHARDS = 10


def day_shard(transaction_id: str, occurred_at: datetime) -> str:
    """`2026-11-24#7`: the day's key for a transaction, always the same one."""
    return f"{occurred_at.astimezone(UTC).date().isoformat()}#{crc32(transaction_id.encode()) % DAY_SHARDS}"


TRANSACTION_RECORD = "transaction"
HAPPENED = "occurred_at"  # every item has it, whether it was sent or not: see `received_at`
FIELDS = StoredFields.of(BuiltInTransaction, HAPPENED, "content")
SENDER, RECEIVER = "nameOrig", "nameDest"  # keys of indexes, whatever a type calls its fields
OF_BUILT_IN = "type"  # every transaction of the built-in type, or of one that extends it, has this attribute


def undecided_item(
    transaction: Transaction, occurred_at: datetime, received_at: datetime, retention_days: int = 0
) -> "Item":
    """A transaction that is stored as it came: its first decision is still to be made."""
    item = FIELDS.write(transaction) if isinstance(transaction, BuiltInTransaction) else _by_role(transaction)
    item |= {
        "record": {"S": TRANSACTION_RECORD},
        "content_hash": {"S": transaction.content_hash()},
        HAPPENED: {"S": instant(occurred_at)},
        "day_shard": {"S": day_shard(transaction.transaction_id, occurred_at)},
        "source": {"S": "store"},
    }
    if transaction.own is not None:
        item |= own_attributes(transaction.own)
        if transaction.own.money is not None:
            item = _reported(item, transaction.own.money)
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
    if own is None:
        return BuiltInTransaction.model_construct(**FIELDS.read(item), occurred_at=occurred_at)
    if OF_BUILT_IN in item:
        amount = own.money.sent if own.money else None
        held = FIELDS.read(item if amount is None else {**item, "amount": {"N": stored_number(amount)}})
        return ExtendedTransaction.model_construct(**held, occurred_at=occurred_at, content=own)
    return _own_transaction(item, occurred_at, own)


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


def _reported(item: "Item", money: Money) -> "Item":
    """The amount that is added up and ranked by, in place of the one that was sent: see `dynamo_money`."""
    known: Item = {} if money.reported is None else {"amount": {"N": stored_number(money.reported)}}
    return {name: value for name, value in item.items() if name != "amount"} | known


def _by_role(transaction: Transaction) -> "Item":
    """What every type has: the table's keys, and the amount that is added up and ranked by."""
    item: Item = {"transaction_id": {"S": transaction.transaction_id}}
    if (amount := reported_amount(transaction)) is not None:
        item["amount"] = {"N": stored_number(amount)}
    accounts = ((SENDER, transaction.sender), (RECEIVER, transaction.receiver))
    return item | {side: {"S": account} for side, account in accounts if account is not None}


def _own_transaction(item: "Item", occurred_at: datetime | None, own: OwnContent) -> OwnTransaction:
    return OwnTransaction(
        transaction_id=item["transaction_id"]["S"],
        occurred_at=occurred_at,
        amount=own.money.sent if own.money else Decimal(item["amount"]["N"]) if "amount" in item else None,
        sender=item[SENDER]["S"] if SENDER in item else None,
        receiver=item[RECEIVER]["S"] if RECEIVER in item else None,
        own=own,
    )
