"""Histories of made-up payments, as rows and as columns."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from fraudshield.aggregate.aggregate import EntityAggregate, aggregates_of
from fraudshield.aggregate.measure import measured
from fraudshield.aggregate.payment_columns import PaymentColumns
from fraudshield.aggregate.payment_history import PaymentHistory
from fraudshield.aggregate.row import MOST_ROWS, HistoryRead, HistoryRow
from fraudshield.aggregate.value import NOTHING, AggregateValue
from tests.aggregates.shop import AGGREGATES, Paid, shop

ASKED = aggregates_of(shop()).asked(AGGREGATES)


def as_columns(paid: Sequence[Paid], asked: Sequence[EntityAggregate] = ASKED) -> PaymentHistory:
    """The payments as columns, as far as these aggregates ask."""
    columns = PaymentColumns(asked)
    for one in paid:
        columns.add(one.row, one.entities)
    return columns.history()


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
