"""A file as its own history: for every row what it would read online, had each row been sent when it happened."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudshield.aggregate.value import CUT, NOT_READ, NOTHING, AggregateValue, exactly
from fraudshield.batch.history.file import FileHistory
from fraudshield.batch.history.port import PlacedRow
from fraudshield.batch.history.values import WrittenHistory, written
from fraudshield.errors import TooLarge
from fraudshield.transaction.occurrence import Occurrence
from tests.aggregates.history import ASKED, one_by_one
from tests.aggregates.shop import Paid, shop_transaction

START = datetime(2026, 11, 1, tzinfo=UTC)
TOLD = [one for one in ASKED if one.name not in {"card_refused", "device_fraud", "device_frauds"}]
ROW = st.tuples(
    st.integers(0, 60 * 24 * 9),  # minutes
    st.integers(0, 2),
    st.sampled_from(["device-1", "device-2", None]),
    st.decimals(0, 2000, places=2),
)


def placed(offset: int, drawn: Any) -> PlacedRow:
    minutes, card, device, amount = drawn
    sent = shop_transaction(f"t{offset}", card=f"card-{card}", device=device, amount=amount)
    return PlacedRow(offset, Occurrence(sent, START + timedelta(minutes=minutes)))


def paid(row: PlacedRow) -> Paid:
    """The row as a payment that was decided when it happened."""
    transaction, at = row.occurrence.transaction, row.occurrence.at
    own = transaction.own
    named = {name: str(value) for name, value in transaction.values.items() if isinstance(value, str)}
    return Paid(
        transaction.transaction_id, at, at, transaction.amount or Decimal(0), named, "", shown=own.shown if own else {}
    )


def values_of(chunks: list[list[PlacedRow]]) -> dict[str, Any]:
    """What each row reads, by its id."""
    history = FileHistory(ASKED)
    for chunk in chunks:
        history.add_chunk(chunk)
    found: dict[str, Any] = {}
    for rows, content in zip(chunks, history.chunks(), strict=True):
        read = WrittenHistory.read(ASKED, content).values(rows)
        found |= {row.occurrence.transaction.transaction_id: one for row, one in zip(rows, read, strict=True)}
    return found


@settings(max_examples=40, deadline=None)
@given(st.lists(ROW, max_size=30), st.lists(st.integers(0, 30), max_size=4), st.randoms())
def test_each_row_has_what_it_would_read_online_however_the_file_is_cut(
    drawn: Any, cuts: list[int], chance: Random
) -> None:
    rows = [placed(at, one) for at, one in enumerate(drawn)]
    whole = values_of([rows])
    expected = one_by_one(TOLD, [paid(row) for row in rows], [paid(row) for row in rows])
    for at, row in enumerate(rows):
        found = whole[row.occurrence.transaction.transaction_id]
        assert {one.name: found[one.name] for one in TOLD} == {name: values[at] for name, values in expected.items()}
    edges = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    assert values_of([rows[a:b] for a, b in pairwise(edges)]) == whole
    turned = chance.sample(rows, len(rows))
    assert values_of([turned]) == whole


def test_what_no_file_says_is_not_evaluated() -> None:
    [found] = values_of([[placed(0, (0, 0, "device-1", Decimal(1)))]]).values()
    assert {name for name, one in found.items() if one.unread} == {"card_refused", "device_fraud", "device_frauds"}
    assert {one.unread for one in found.values()} == {"", "not_in_file"}


def test_rows_of_one_id_count_once() -> None:
    first, later = placed(0, (0, 0, None, Decimal(1))), placed(2, (9, 0, None, Decimal(1)))
    again = PlacedRow(1, Occurrence(first.occurrence.transaction, START + timedelta(minutes=1)))
    assert values_of([[first], [again, later]])["t2"]["card_count"] == exactly(1)


def test_a_file_with_too_many_rows_is_refused_and_told_what_to_do() -> None:
    history = FileHistory(ASKED, most=3)
    history.add_chunk(placed(at, (at, 0, None, Decimal(1))) for at in range(3))
    with pytest.raises(TooLarge, match=r"more than 3 rows.*store or none") as refused:
        history.add_chunk([placed(3, (3, 0, None, Decimal(1)))])
    assert refused.value.code == "history_too_long"


@pytest.mark.parametrize(
    "value",
    [
        NOTHING,
        NOT_READ,
        CUT,
        exactly(0),
        exactly(1000, at_least=True),
        AggregateValue(Decimal("-0.10")),
        exactly(10**30),
    ],
)
def test_a_value_comes_back_as_it_was_written(value: AggregateValue) -> None:
    row, asked = placed(7, (0, 0, None, Decimal(1))), ASKED[:1]
    assert WrittenHistory.read(asked, written([7], [[value]])).values([row]) == [{asked[0].name: value}]
