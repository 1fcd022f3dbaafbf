"""A type whose payments have a card, a device and a busy terminal, with aggregates over them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from fraudshield.aggregate.aggregate import EntityAggregate, aggregates_of
from fraudshield.aggregate.row import HistoryRow
from fraudshield.event_type.event_type import EventType
from fraudshield.transaction.parser import parser_of
from fraudshield.transaction.transaction import Transaction
from tests.event_types import version_of

AGGREGATES: Mapping[str, Any] = {
    "card_count_1h": {"count": True, "over": "card", "within": "1h", "keep": True},
    "card_count": {"count": True, "over": "card", "keep": True},
    "card_spent_24h": {"sum": "amount", "over": "card", "within": "24h", "keep": True},
    "card_mean": {"of": "mean", "field": "amount", "over": "card", "within": "7d", "keep": True},
    "card_devices": {"distinct": "device", "over": "card", "within": "7d", "keep": True},
    "card_age": {"of": "age", "over": "card", "keep": True},
    "card_last": {"of": "since_last", "over": "card", "keep": True},
    "card_refused": {"count": True, "over": "card", "where": 'outcome != "approve"', "within": "24h", "keep": True},
    "card_large": {"count": True, "over": "card", "where": "amount >= 500", "keep": True},
    "device_cards": {"distinct": "card", "over": "device", "within": "24h", "keep": True},
    "device_fraud": {
        "of": "fraud_rate", "over": "device", "within": "30d", "labels_later": "1h", "prior": Decimal("0.01"),
        "keep": True,
    },
    "device_frauds": {"count": True, "over": "device", "where": 'label == "fraud"', "labels_later": "1h", "keep": True},
    "sent_24h": {"sum": "amount", "over": "nameOrig", "within": "24h", "keep": True},
    "senders_7d": {"distinct": "device", "over": "nameDest", "within": "7d", "keep": True},
}  # fmt: skip
SHOP: Mapping[str, Any] = {
    "name": "shop_payment",
    "extends": "payment",
    "fields": {
        "card": {"kind": "text", "entity": True, "personal": True},
        "device": {"kind": "text", "entity": True},
        "terminal": {"kind": "text", "entity": True, "busy": True},
        "items": {"kind": "integer", "minimum": 0},
        "discount": {"kind": "number"},
    },
    "shown": ["card", "device", "items", "discount"],
    "aggregates": AGGREGATES,
}


def shop(aggregates: Mapping[str, Any] = AGGREGATES, **more: Any) -> EventType:
    """The type, with these aggregates."""
    return version_of({**SHOP, "aggregates": aggregates, **more})


def aggregate(name: str = "total", **document: Any) -> EntityAggregate:
    """One aggregate of the type, compiled."""
    [found] = aggregates_of(shop({name: document})).aggregates
    return found


@dataclass(frozen=True)
class Paid:
    """A payment as the counted_again knows it: when it happened, when it was decided, and what was said of it when."""

    transaction_id: str
    occurred_at: datetime
    decided_at: datetime
    amount: Decimal
    entities: Mapping[str, str]
    outcome: str = "approve"
    label: str | None = None
    labelled_at: datetime | None = None
    shown: Mapping[str, object] = field(default_factory=dict)

    @property
    def row(self) -> HistoryRow:
        return HistoryRow(
            self.transaction_id,
            self.occurred_at,
            self.decided_at,
            self.amount,
            self.outcome,
            "api",
            risk=Decimal("0.01"),
            label=self.label,
            labelled_at=self.labelled_at,
            shown=self.shown,
        )


def shop_transaction(name: str = "t1", **changes: Any) -> Transaction:
    """A payment of the type, as it is parsed."""
    sent = {
        "transaction_id": name, "step": 1, "type": "PAYMENT", "amount": Decimal(10), "nameOrig": "C1",
        "oldbalanceOrg": Decimal(100), "newbalanceOrig": Decimal(90), "nameDest": "M1", "oldbalanceDest": Decimal(0),
        "newbalanceDest": Decimal(0), "card": "card-1", "device": "device-1",
    } | changes  # fmt: skip
    return parser_of(shop()).read({name: one for name, one in sent.items() if one is not None}, "")
