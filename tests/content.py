"""Content hashes as stores have them, worked out anew, so that nobody changes them unawares."""

import json
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from fraudshield.text.timestamp import timestamp
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.transaction import Transaction

FIELDS = (
    *("transaction_id", "step", "type", "amount", "nameOrig", "oldbalanceOrg", "newbalanceOrig"),
    *("nameDest", "oldbalanceDest", "newbalanceDest", "occurred_at"),
)
Item = dict[str, Any]


def built_in(one: Transaction | None) -> BuiltInTransaction:
    """The same, known to be of the built-in type."""
    assert isinstance(one, BuiltInTransaction)
    return one


def first_hash(one: Transaction) -> str:
    """The hash over all fields that there were in version 0.1, null where one was left out; without a scheme's name."""
    return _digest({name: _spelled(getattr(built_in(one), name)) for name in FIELDS})


def second_hash(one: BuiltInTransaction) -> str:
    """The hash over what was sent."""
    return "2:" + _digest({name: _spelled(value) for name, value in one if value is not None})


def hashes(one: BuiltInTransaction) -> set[str]:
    """Under which it may be stored. What 0.1 did not know, it did not store."""
    says_more = any(value is not None for name, value in one if name not in FIELDS)
    return {second_hash(one)} | (set() if says_more else {first_hash(one)})


def as_in_0_1(item: Item, one: Transaction) -> Item:
    """The item of a payment as version 0.1 wrote it."""
    return item | {"content_hash": {"S": first_hash(one)}}


def _spelled(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    return timestamp(value) if hasattr(value, "astimezone") else value  # type: ignore[arg-type]


def _digest(content: Item) -> str:
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    return blake2b(text.encode(), digest_size=16).hexdigest()
