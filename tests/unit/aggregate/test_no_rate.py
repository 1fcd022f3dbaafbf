"""Aggregates over amounts of which one had no rate: what goes by them is not evaluated, and all else is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from fraudshield.aggregate.aggregate import aggregates_of
from fraudshield.aggregate.busy import busy_value
from fraudshield.aggregate.columns import aggregate_values
from fraudshield.aggregate.counter import HourCount, hour_of
from fraudshield.aggregate.value import UNPRICED, AggregateValue
from fraudshield.analytics.busy import busy_delta
from fraudshield.analytics.counted_transaction import BusyEntity, CountedTransaction, TransactionChange
from fraudshield.expression.reading import Unread
from fraudshield.text.timestamp import instant
from tests.aggregates.history import as_columns, one_by_one
from tests.aggregates.shop import AGGREGATES, Paid, shop
from tests.fakes import NOW
from tests.unit.aggregate.test_measure import PAYMENT, paid

MORE = {
    "flagged_or_large": {
        "count": True, "over": "card", "where": 'outcome != "approve" || amount >= 500', "keep": True
    },
    "amounts": {"distinct": "amount", "over": "card", "keep": True},
}  # fmt: skip
ASKED = aggregates_of(shop({**AGGREGATES, **MORE})).asked({**AGGREGATES, **MORE})
BY_AMOUNT = {"card_spent_24h", "card_mean", "card_large", "sent_24h", "flagged_or_large", "amounts"}
BUSY = {
    "spent": {"sum": "amount", "over": "terminal", "within": "3h"},
    "mean": {"of": "mean", "field": "amount", "over": "terminal", "within": "3h"},
    "count": {"count": True, "over": "terminal", "within": "3h"},
}


def unpriced(one: Paid) -> Paid:
    return replace(one, amount=cast(Decimal, None))


@settings(max_examples=60)
@given(st.lists(st.tuples(PAYMENT, st.booleans()), max_size=15), st.lists(PAYMENT, max_size=3))
def test_columns_say_what_each_payment_reads_by_itself(drawn: Any, asked: Any) -> None:
    there = [(paid(number, one), lacks) for number, (one, lacks) in enumerate(drawn)]
    history = [unpriced(one) if lacks else one for one, lacks in there]
    asking = [*history, *(paid(1000 + number, one) for number, one in enumerate(asked))]
    found = aggregate_values(ASKED, as_columns(asking), as_columns(history))
    assert found == one_by_one(ASKED, history, asking)
    for name in {one.name for one in ASKED} - BY_AMOUNT:
        assert UNPRICED not in found[name]


def values(*history: Paid) -> dict[str, AggregateValue]:
    asking = Paid("asks", NOW, NOW, Decimal(1), {"card": "c", "nameOrig": "C1"})
    return {name: one[0] for name, one in aggregate_values(ASKED, as_columns([asking]), as_columns(history)).items()}


def test_one_amount_that_is_not_known_makes_a_sum_unknown() -> None:
    ago = NOW - timedelta(minutes=10)
    known = Paid("a", ago, ago, Decimal(7), {"card": "c", "nameOrig": "C1"})
    assert values(known)["card_spent_24h"].number == 7
    found = values(known, unpriced(replace(known, transaction_id="b")))
    assert {name for name, one in found.items() if one == UNPRICED} == BY_AMOUNT
    reading = found["card_spent_24h"].reading
    assert isinstance(reading, Unread)
    assert reading.code == "no_rate"
    assert found["card_count_1h"].number == 2


def test_a_condition_that_the_rest_decides_counts_it() -> None:
    ago = NOW - timedelta(minutes=10)
    blocked = unpriced(Paid("a", ago, ago, Decimal(7), {"card": "c"}, "block"))
    assert values(blocked)["flagged_or_large"].number == 1
    assert values(blocked)["card_large"] == UNPRICED


def counters(history: Sequence[Paid]) -> list[HourCount]:
    """As the stream counts them; one without a rate has no amount in the table."""
    found = []
    for one in history:
        busy = (BusyEntity("terminal#terminal-1", instant(one.decided_at)),)
        counted = CountedTransaction(
            one.transaction_id, "api", instant(one.occurred_at), "shop", one.amount or Decimal(0), None, busy=busy,
            priced=one.amount is not None,
        )  # fmt: skip
        delta = busy_delta(TransactionChange(None, counted, inserted=True), 0)
        found += [HourCount(hour_of(bucket), numbers) for (_, bucket), numbers in delta.items()]
    return found


def test_counters_of_a_busy_entity_count_what_has_no_rate() -> None:
    ago = NOW - timedelta(hours=2)
    known = Paid("a", ago, ago, Decimal(7), {"terminal": "terminal-1"})
    asked = aggregates_of(shop(BUSY)).asked(BUSY)
    asking = replace(known, transaction_id="asks", occurred_at=NOW, decided_at=NOW)
    for history, expected in (
        ([known], {"spent": 7, "mean": 7, "count": 1}),
        ([known, unpriced(replace(known, transaction_id="b"))], {"spent": None, "mean": None, "count": 2}),
    ):
        online = {one.name: busy_value(one, counters(history), NOW, NOW) for one in asked}
        assert {name: one.number for name, one in online.items()} == expected
        assert {name for name, one in online.items() if one == UNPRICED} == {
            name for name, number in expected.items() if number is None
        }
        offline = aggregate_values(asked, as_columns([asking], asked), as_columns(history, asked))
        assert {name: one[0] for name, one in offline.items()} == online
