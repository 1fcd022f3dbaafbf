"""What an aggregate is, by both clocks, and what is said where its history is longer than what is read."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudshield.aggregate.aggregate import aggregates_of
from fraudshield.aggregate.measure import measured
from fraudshield.aggregate.row import HistoryRead, HistoryRow
from fraudshield.aggregate.value import CUT, NOTHING, AggregateValue, exactly, nearly
from fraudshield.expression.reading import AtLeast, Unread
from tests.aggregates.oracle import counted_again, rows_of, same
from tests.aggregates.shop import AGGREGATES, Paid, aggregate, shop
from tests.event_types import CARD, version_of
from tests.fakes import NOW

HOUR, DAY, INSTANT = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)


def row(ago: timedelta, amount: str = "10", known: timedelta | None = None, **more: Any) -> HistoryRow:
    """A payment of so long ago, decided at once or so long ago."""
    decided = NOW - (ago if known is None else known)
    return HistoryRow(
        f"t{ago}", NOW - ago, decided, Decimal(amount), **({"outcome": "approve", "source": "api"} | more)
    )


def value(document: Any, *rows: HistoryRow, capped: bool = False) -> AggregateValue:
    newest_first = tuple(sorted(rows, key=lambda one: one.occurred_at, reverse=True))
    return measured(aggregate(over="card", **document), HistoryRead(newest_first, capped), NOW, NOW + INSTANT)


COUNT = {"count": True, "within": "1h"}


@pytest.mark.parametrize(
    ("ago", "counted"), [(HOUR, 0), (HOUR - INSTANT, 1), (INSTANT, 1), (timedelta(), 0), (-INSTANT, 0)]
)
def test_what_happened_counts_strictly_before_it_and_within_the_window(ago: timedelta, counted: int) -> None:
    assert value(COUNT, row(ago)) == exactly(counted)


@pytest.mark.parametrize(("decided", "counted"), [(timedelta(), 1), (-INSTANT, 0), (-HOUR, 0)])
def test_what_was_decided_later_was_not_known(decided: timedelta, counted: int) -> None:
    assert value(COUNT, row(HOUR / 2, known=decided)) == exactly(counted)


def test_sums_are_exact_and_means_are_floats() -> None:
    rows = [row(HOUR / 2, "0.1"), row(HOUR / 3, "0.2"), row(HOUR / 4, "0.3")]
    assert value({"sum": "amount"}, *rows) == exactly(Decimal("0.6"))
    assert value({"of": "mean", "field": "amount"}, *rows) == nearly(0.6 / 3)
    assert value({"of": "mean", "field": "amount"}) == NOTHING
    assert value({"sum": "amount"}) == exactly(0)


def test_a_payment_without_the_field_is_not_added_and_not_told_apart() -> None:
    rows = [row(HOUR, shown={"items": Decimal(2)}), row(HOUR / 2), row(HOUR / 3, shown={"items": "two"})]
    assert value({"sum": "items"}, *rows) == exactly(2)
    assert value({"of": "mean", "field": "items"}, *rows) == nearly(2.0)
    assert value({"distinct": "items"}, *rows) == exactly(1)


def test_ages_are_in_hours_and_what_was_never_seen_is_new() -> None:
    rows = [row(3 * HOUR), row(HOUR / 2)]
    assert value({"of": "age"}, *rows) == nearly(3.0)
    assert value({"of": "since_last"}, *rows) == nearly(0.5)
    assert (value({"of": "age"}), value({"of": "since_last"})) == (nearly(0.0), NOTHING)


def labelled(truth: str, ago: timedelta, said: timedelta) -> HistoryRow:
    return row(ago, label=truth, labelled_at=NOW - said)


def test_a_label_counts_from_when_it_was_said_and_late_enough() -> None:
    rate = {"of": "fraud_rate", "labels_later": "24h"}
    assert value(rate, labelled("fraud", 2 * DAY, HOUR), row(3 * DAY)) == nearly(0.5)
    assert value(rate, labelled("fraud", 2 * DAY, -INSTANT), row(3 * DAY)) == nearly(0.5)  # said as it was decided
    assert value(rate, labelled("fraud", 2 * DAY, -HOUR), row(3 * DAY)) == nearly(0.0)
    assert value(rate, labelled("fraud", HOUR, HOUR / 2), row(3 * DAY)) == nearly(0.0)
    assert value(rate, labelled("genuine", 2 * DAY, HOUR)) == nearly(0.0)
    assert value(rate, row(HOUR)) == NOTHING  # too young to be told


def test_labels_come_as_late_as_the_type_says_unless_the_aggregate_does() -> None:
    rate = {"of": "fraud_rate", "over": "card"}
    own = {"usual": rate, "quick": rate | {"labels_later": "1h"}}
    usual, quick = aggregates_of(version_of({**CARD, "label": {"later": "7d"}, "aggregates": own})).aggregates
    assert (usual.labels_later, quick.labels_later) == (timedelta(days=7), HOUR)


def test_a_prior_stands_where_nothing_is_known_and_fades() -> None:
    rate = {"of": "fraud_rate", "prior": Decimal("0.1")}
    assert value(rate) == nearly(0.1)
    assert value(rate, *[labelled("fraud", number * HOUR, HOUR) for number in range(1, 11)]) == nearly(11 / 20)


def test_a_condition_that_is_not_evaluated_counts_nothing() -> None:
    where = {"count": True, "where": "items > 1 && risk < 0.5"}
    rows = [row(HOUR / number, shown={"items": Decimal(number)}, risk=Decimal("0.1")) for number in (1, 2, 3)]
    assert value(where, *rows, row(HOUR / 4), row(HOUR / 5, shown={"items": Decimal(9)})) == exactly(2)


def test_a_history_that_was_cut_says_at_least_or_nothing() -> None:
    rows = [row(HOUR, "5", shown={"device": "d"}), row(2 * HOUR, "6")]
    assert value({"count": True}, *rows, capped=True) == exactly(2, at_least=True)
    assert value({"sum": "amount"}, *rows, capped=True) == exactly(11, at_least=True)
    assert value({"sum": "items"}, *rows, capped=True) == exactly(0, at_least=True)
    assert value({"sum": "discount"}, *rows, capped=True) == CUT  # a discount may be below 0
    assert value({"distinct": "device"}, *rows, capped=True) == exactly(1, at_least=True)
    assert value({"of": "age"}, *rows, capped=True) == nearly(2.0, at_least=True)
    assert value({"of": "since_last"}, *rows, capped=True) == nearly(1.0)
    assert value({"of": "since_last", "where": "amount > 6"}, *rows, capped=True) == CUT
    assert value({"of": "mean", "field": "amount"}, *rows, capped=True) == CUT
    assert value({"of": "fraud_rate"}, *rows, capped=True) == CUT


def test_a_window_that_was_read_whole_is_known_though_the_history_was_cut() -> None:
    rows = [row(HOUR / 2), row(2 * HOUR)]
    assert value(COUNT, *rows, capped=True) == exactly(1)
    assert value({"count": True, "within": "2h"}, *rows, capped=True) == exactly(1)
    assert value({"count": True, "within": "3h"}, *rows, capped=True) == exactly(2, at_least=True)


def test_expressions_read_numbers_and_what_stands_in_their_place() -> None:
    assert exactly(3).reading == 3
    assert NOTHING.reading is None
    assert isinstance(exactly(3, at_least=True).reading, AtLeast)
    capped: Any = CUT.reading
    assert isinstance(capped, Unread)
    assert capped.code == "history_capped"


MINUTES = st.integers(0, 40 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
PAYMENT = st.tuples(
    MINUTES,  # before now
    st.sampled_from([0, 0, 0, 5, 3000]),  # minutes until it was decided
    st.decimals(0, 1000, places=2),
    st.sampled_from(["card-1", "card-2", None]),
    st.sampled_from(["device-1", "device-2", None]),
    st.sampled_from(["approve", "review", "block"]),
    st.one_of(st.none(), st.tuples(st.sampled_from(["fraud", "genuine"]), MINUTES)),
)


COMPILED = {one.name: one for one in aggregates_of(shop()).aggregates}


def paid(number: int, drawn: Any) -> Paid:
    ago, late, amount, card, device, outcome, label = drawn
    entities = {"card": card, "device": device, "nameOrig": "C1", "nameDest": "M1"}
    there = {name: one for name, one in entities.items() if one is not None}
    shown: dict[str, object] = {name: there[name] for name in ("card", "device") if name in there}
    at = NOW - ago
    truth, said_at = (label[0], at + label[1]) if label else (None, None)
    return Paid(f"t{number}", at, at + timedelta(minutes=late), amount, there, outcome, truth, said_at, shown)


@settings(max_examples=40)
@given(st.lists(PAYMENT, max_size=30), PAYMENT)
def test_every_aggregate_is_what_its_definition_gives(drawn: Any, asked: Any) -> None:
    history, asking = [paid(number, one) for number, one in enumerate(drawn)], paid(-1, asked)
    for name, document in AGGREGATES.items():
        if document["over"] in asking.entities:
            rows = rows_of(history, document["over"], asking.entities[document["over"]])
            found = measured(COMPILED[name], HistoryRead(rows), asking.occurred_at, asking.decided_at)
            assert same(found, counted_again(history, asking, document)), name
