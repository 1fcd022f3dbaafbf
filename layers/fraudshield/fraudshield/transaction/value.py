"""The fields of a payment as expressions read them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fraudshield.expression.names import Kind
from fraudshield.transaction.pricing import as_rules_read
from fraudshield.transaction.transaction import Transaction

OCCURRED_AT = "occurred_at"


def values_of(transaction: Transaction, occurred_at: datetime, kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """The values of these fields, money in the reporting currency; when it happened also where that was not sent."""
    sent = as_rules_read(transaction)
    found = {name: _as_read(sent.get(name), kind) for name, kind in kinds.items()}
    return found | {OCCURRED_AT: occurred_at} if OCCURRED_AT in found else found


def _as_read(value: object, kind: Kind) -> object:
    """A type's own instants are kept as texts."""
    return datetime.fromisoformat(value) if kind is Kind.INSTANT and isinstance(value, str) else value
