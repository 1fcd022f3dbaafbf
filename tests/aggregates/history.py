"""Histories of made-up payments, as rows and as columns."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import numpy as np

from fraudshield.aggregate.aggregate import EntityAggregate
from fraudshield.aggregate.measure import measured
from fraudshield.aggregate.payment_history import NEVER, PaymentHistory
from fraudshield.aggregate.row import MOST_ROWS, HistoryRead, HistoryRow
from fraudshield.aggregate.value import NOTHING, AggregateValue
from fraudshield.event_type.environment import carried
from fraudshield.expression.column import column
from fraudshield.expression.names import Kind
from tests.aggregates.shop import Paid, shop

EPOCH, TICK = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
FIELDS = ("card", "device", "nameOrig", "nameDest", "terminal")


def as_columns(paid: Sequence[Paid]) -> PaymentHistory:
    """The payments as columns."""
    kinds = {**carried(shop().all_fields, shop().shown), "risk": Kind.NUMBER}
    rows = [one.row for one in paid]
    label = column(Kind.CATEGORY, [row.label for row in rows])
    known = {
        name: column(kind, [row.value(name, kind) for row in rows]) for name, kind in kinds.items() if name != "label"
    }
    entities = {name: np.array([*(one.entities.get(name) for one in paid), ""], object)[:-1] for name in FIELDS}
    return PaymentHistory(
        np.array([_us(one.occurred_at) for one in paid], np.int64),
        np.array([_us(one.decided_at) for one in paid], np.int64),
        entities,
        known | {"label": label},
        np.array([NEVER if one.labelled_at is None else _us(one.labelled_at) for one in paid], np.int64),
    )


def one_by_one(
    asked: Sequence[EntityAggregate], paid: Sequence[Paid], asking: Sequence[Paid]
) -> dict[str, list[AggregateValue]]:
    """What each payment reads online: the newest rows of the widest window of those that ask over one field."""
    rows = sorted(((one.row, one.entities) for one in paid), key=lambda one: one[0].occurred_at, reverse=True)
    found = {}
    for one in asked:
        by_value: dict[str, list[HistoryRow]] = {}
        for row, entities in rows:
            for value in {entities[name] for name in one.named_by if name in entities}:
                by_value.setdefault(value, []).append(row)
        windows = [other.within for other in asked if other.over == one.over]
        widest = None if None in windows else max(window for window in windows if window)
        found[one.name] = [_online(one, widest, by_value, payment) for payment in asking]
    return found


def _online(
    one: EntityAggregate, widest: timedelta | None, by_value: Mapping[str, list[HistoryRow]], payment: Paid
) -> AggregateValue:
    value, at = payment.entities.get(one.over), payment.occurred_at
    if value is None:
        return NOTHING
    there = [
        row
        for row in by_value.get(value, ())
        if row.occurred_at < at
        and row.decided_at < payment.decided_at
        and (widest is None or row.occurred_at > at - widest)
    ]
    return measured(one, HistoryRead(tuple(there[:MOST_ROWS]), len(there) > MOST_ROWS), at, payment.decided_at)


def made_up(number: int, seed: str, cards: int, days: float = 60, **busy: float) -> list[Paid]:
    """Payments of some cards and devices in no order of time; some are decided late, some labelled, later still.

    `busy` cards have that share of all payments each.
    """
    chance, start = Random(seed), datetime(2026, 9, 1, tzinfo=UTC)
    found = []
    for at in range(number):
        occurred = start + timedelta(microseconds=chance.randrange(int(days * 86_400_000_000)))
        decided = occurred + timedelta(minutes=chance.choice([0, 0, 0, 0, 1, 90, 3000]))
        entities = _entities(chance, cards, busy)
        truth = chance.choice(["fraud", "genuine", None, None, None])
        found.append(
            Paid(
                f"t{at}",
                occurred,
                decided,
                _amount(chance),
                entities,
                chance.choice(["approve", "approve", "approve", "review", "block"]),
                truth,
                None if truth is None else decided + timedelta(days=chance.uniform(0, 30)),
                {name: entities[name] for name in ("card", "device") if name in entities},
            )
        )
    return found


def _entities(chance: Random, cards: int, busy: Mapping[str, float]) -> dict[str, str]:
    card: Any = f"card-{chance.randrange(cards)}"
    for name, share in busy.items():
        card = name if chance.random() < share else card
    found = {"nameOrig": f"C{chance.randrange(cards)}", "nameDest": f"M{chance.randrange(cards)}", "card": card}
    return found | ({"device": f"device-{chance.randrange(cards)}"} if chance.random() < 0.9 else {})


def _amount(chance: Random) -> Decimal:
    return Decimal(chance.choice([chance.randrange(100_000), chance.randrange(10**9)])).scaleb(-2)


def _us(at: datetime) -> int:
    return (at - EPOCH) // TICK
