"""Aggregates over columns: for every payment what it reads by itself, to the last digit."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudshield.aggregate.aggregate import aggregates_of
from fraudshield.aggregate.columns import aggregate_values
from fraudshield.aggregate.exact_sum import scaled
from fraudshield.expression.column import Column, column
from fraudshield.expression.names import Kind
from tests.aggregates.history import as_columns, made_up, one_by_one
from tests.aggregates.shop import AGGREGATES, aggregate, shop
from tests.unit.aggregate.test_measure import PAYMENT, paid

ASKED = aggregates_of(shop()).asked(AGGREGATES)


@settings(max_examples=40)
@given(st.lists(PAYMENT, max_size=25), st.lists(PAYMENT, max_size=5))
def test_they_are_what_each_payment_reads_by_itself(drawn: Any, asked: Any) -> None:
    history = [paid(number, one) for number, one in enumerate(drawn)]
    asking = [*history, *(paid(1000 + number, one) for number, one in enumerate(asked))]
    found = aggregate_values(ASKED, as_columns(asking), as_columns(history))
    assert found == one_by_one(ASKED, history, asking)


def test_a_card_with_more_rows_than_are_read_is_known_as_far_online() -> None:
    history = made_up(1700, "capped", 40, **{"card-busy": 0.7})
    asking = [one for one in history if one.entities["card"] == "card-busy"][:12]
    found = aggregate_values(ASKED, as_columns(asking), as_columns(history))
    assert found == one_by_one(ASKED, history, asking)
    assert any(one.at_least for one in found["card_count"])
    assert not any(one.at_least for one in found["card_count_1h"])


def test_two_fields_of_one_entity_find_each_other_and_count_a_payment_once() -> None:
    count = aggregate(count=True, over="card")
    both = type(count)(**{**{name: getattr(count, name) for name in count.__slots__}, "named_by": ("card", "device")})
    history = made_up(60, "twice", 3)
    as_one = [_named_alike(one) for one in history]
    found = aggregate_values([both], as_columns(as_one), as_columns(as_one))
    assert found == one_by_one([both], as_one, as_one)
    assert max(float(one.number or 0) for one in found["total"]) > 10


def _named_alike(one: Any) -> Any:
    return type(one)(
        **{
            **one.__dict__,
            "entities": {name: value.replace("device", "card") for name, value in one.entities.items()},
        }
    )


@pytest.mark.parametrize(
    "values",
    [["0.1", "0.2", "0.3"], ["1e-15", "5"], ["123456789012345.67", "0.01"], ["-5", "2.5"], ["99999999999999.9", "0.1"]],
)
def test_numbers_of_a_column_are_added_up_exactly(values: list[str]) -> None:
    decimals = [Decimal(value) for value in values]
    found = scaled(column(Kind.MONEY, [*decimals, None]))
    assert found.sum(np.arange(len(values) + 1)) == sum(decimals)
    assert found.count(np.arange(len(values) + 1)) == len(values)


def test_an_empty_history_has_nothing_of_anybody() -> None:
    asking = made_up(3, "asking", 2)
    found = aggregate_values(ASKED, as_columns(asking), as_columns([]))
    assert found == one_by_one(ASKED, [], asking)
    assert isinstance(as_columns([]).carried["amount"], Column)
