from decimal import Decimal

import numpy as np
import pytest

from fraudshield.aggregate.aggregate import aggregates_of
from fraudshield.aggregate.columns import aggregate_values
from fraudshield.aggregate.payment_history import NEVER, PaymentHistory
from fraudshield.event_type.event_type import EventType
from fraudshield.expression.column import column
from fraudshield.expression.names import Kind
from model.causal.causal import causal_columns

HOUR_US = 3_600_000_000
OF_CARD = {
    "n": {"of": "count", "over": "card", "within": "24h"},
    "ever": {"of": "count", "over": "card"},
    "big": {"of": "count", "over": "card", "within": "3h", "where": "amount > 50"},
    "spent": {"of": "sum", "field": "amount", "over": "card", "within": "24h"},
    "usual": {"of": "mean", "field": "amount", "over": "card", "within": "24h", "where": 'channel == "web"'},
    "shops": {"of": "distinct", "field": "merchant", "over": "card", "within": "5h"},
    "all_shops": {"of": "distinct", "field": "merchant", "over": "card"},
    "prices": {"of": "distinct", "field": "amount", "over": "card", "within": "12h"},
    "old": {"of": "age", "over": "card", "within": "24h"},
    "last": {"of": "since_last", "over": "card"},
    "frauds": {"of": "fraud_rate", "over": "card", "within": "24h", "labels_later": "2h"},
    "frauds_ever": {"of": "fraud_rate", "over": "card", "prior": Decimal("0.1")},
    "called_fraud": {"of": "count", "over": "card", "within": "24h", "where": 'label == "fraud"'},
    "on_device": {"of": "distinct", "field": "card", "over": "device", "within": "24h"},
    "there": {"of": "count", "over": "from_place", "within": "12h"},
}
OF_MERCHANT = {
    "m_n": {"of": "count", "over": "merchant", "within": "5h"},
    "m_sum": {"of": "sum", "field": "amount", "over": "merchant", "within": "5h"},
    "m_mean": {"of": "mean", "field": "amount", "over": "merchant", "within": "24h"},
    "m_rate": {"of": "fraud_rate", "over": "merchant", "within": "24h", "labels_later": "90m"},
    "m_prior": {"of": "fraud_rate", "over": "merchant", "within": "9h", "prior": Decimal("0.1")},
}
TYPE = EventType.model_validate(
    {
        "name": "card",
        "version": 1,
        "fields": {
            "amount": {"kind": "money", "role": "amount"},
            "card": {"kind": "text", "role": "sender"},
            "merchant": {"kind": "text", "entity": True, "busy": True},
            "device": {"kind": "text", "entity": True},
            "from_place": {"kind": "text", "entity": "place"},
            "to_place": {"kind": "text", "entity": "place"},
            "channel": {"kind": "category"},
        },
        "shown": ["merchant", "channel", "card"],
        "aggregates": OF_CARD | OF_MERCHANT,
    }
).sealed()


def history(seed: int, rows: int, unpriced: float = 0.0, cards: int = 8) -> PaymentHistory:
    """Payments in any order, many at one time, some without a card, a few of enormous amounts."""
    rng = np.random.default_rng(seed)
    at = rng.integers(0, 60, rows) * (HOUR_US // 4) + rng.choice([0, 1, 60_000_000], rows)
    fraud = rng.random(rows) < 0.3
    labelled = np.where(fraud & (rng.random(rows) < 0.8), at + rng.integers(-2, 12, rows) * HOUR_US, NEVER)
    cents = [Decimal(int(one)).scaleb(-2) for one in rng.choice([1, 499, 5001, 12_345], rows)]
    amounts = [None if rng.random() < unpriced else one for one in cents]

    def texts(prefix: str, among: int, missing: float = 0.0) -> list[str | None]:
        return [None if rng.random() < missing else f"{prefix}{one}" for one in rng.integers(0, among, rows)]

    merchant, channel, card = (
        texts("m", 3),
        [("web", "shop")[one] for one in rng.integers(0, 2, rows)],
        texts("c", cards, 0.1),
    )
    named = {"card": card, "merchant": merchant, "device": texts("d", 5, 0.3)}
    named |= {"from_place": texts("p", 4, 0.2), "to_place": texts("p", 4, 0.2)}
    return PaymentHistory(
        at,
        at,
        {name: np.array(values, object) for name, values in named.items()},
        {
            "amount": column(Kind.MONEY, amounts),
            "label": column(Kind.CATEGORY, ["fraud" if one else None for one in fraud]),
            "merchant": column(Kind.TEXT, merchant),
            "channel": column(Kind.CATEGORY, channel),
            "card": column(Kind.TEXT, card),
        },
        labelled,
    )


def differences(payments: PaymentHistory) -> list[str]:
    """The aggregates that differ anywhere from what they are row by row."""
    asked = aggregates_of(TYPE).aggregates
    found, exact = causal_columns(asked, payments), aggregate_values(asked, payments, payments)
    different = []
    for one in asked:
        kind = Kind.MONEY if one.measure == "sum" else Kind.NUMBER
        wanted = column(kind, [value.reading for value in exact[one.name]])
        made = found[one.name]
        present = np.ones(len(made.values), bool) if made.present is None else made.present
        same = np.array_equal(made.values, wanted.values, equal_nan=True) and np.array_equal(
            present, np.asarray(wanted.present)
        )
        for part in ("capped", "unread"):
            flags = getattr(made, part)
            same &= np.array_equal(np.zeros(len(present), bool) if flags is None else flags, getattr(wanted, part))
        if not same or made.exact != wanted.exact:
            different.append(one.name)
    return different


@pytest.mark.parametrize(("seed", "unpriced"), [(1, 0.0), (2, 0.0), (3, 0.02)])
def test_a_whole_file_at_once_gives_what_each_row_gives_to_the_bit(seed: int, unpriced: float) -> None:
    assert differences(history(seed, 300, unpriced)) == []


def test_entities_with_more_payments_than_are_read_are_as_they_are_online() -> None:
    assert differences(history(4, 1300, cards=1)) == []
