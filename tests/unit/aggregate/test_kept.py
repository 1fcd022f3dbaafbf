"""Aggregates kept with a decision: stored and read back, answered, and used again by a replay."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraudshield.aggregate.dynamo_item import aggregates_in, aggregates_map
from fraudshield.aggregate.response import shown_aggregates
from fraudshield.aggregate.value import CUT, NOT_READ, NOTHING, AggregateValue, exactly, nearly
from fraudshield.text.json_text import json_text

VALUES = st.one_of(
    st.integers(0, 10**9).map(exactly),
    st.decimals(-(10**18), 10**18, places=2).map(exactly),
    st.floats(0, 1e9).map(nearly),
    st.integers(0, 1000).map(lambda number: exactly(number, at_least=True)),
    st.sampled_from([NOTHING, CUT, NOT_READ]),
)


@given(st.dictionaries(st.sampled_from("abcdef"), VALUES))
def test_they_come_back_as_they_were_and_are_answered_alike(values: dict[str, AggregateValue]) -> None:
    back = aggregates_in({"aggregates": aggregates_map(values)})
    assert back == values
    assert json_text(shown_aggregates(back)) == json_text(shown_aggregates(values))


@given(st.floats(-1e30, 1e30))
def test_a_float_is_the_same_float_again(number: float) -> None:
    found = nearly(number).number
    assert found is not None
    assert float(found) == number


def test_they_are_answered_by_name() -> None:
    values = {
        "spent": exactly(Decimal("1099.50")),
        "seen": exactly(1000, at_least=True),
        "mean": NOTHING,
        "late": NOT_READ,
    }
    assert json_text(shown_aggregates(values)) == (
        '{"late":{"not_evaluated":"unread"},"mean":null,"seen":{"at_least":1000.0},"spent":1099.5}'
    )


def test_no_digit_of_a_sum_is_lost_and_nothing_is_below_nothing() -> None:
    long = Decimal("123456789012345678.01234567890123456789")
    assert exactly(long).number == long
    assert str(exactly(Decimal("-0")).number) == "0"


@pytest.mark.parametrize("spelled", ["1E+3", "1000", "1000.00"])
def test_one_number_has_one_spelling(spelled: str) -> None:
    assert str(exactly(Decimal(spelled)).number) == "1E+3"
