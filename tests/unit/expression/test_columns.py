"""Columns where they need more than numpy does by itself: long decimals, changes of clocks, what is missing."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from fraudshield.expression.column import Column, column, is_long
from fraudshield.expression.columns import columns, query
from fraudshield.expression.expression import condition, feature
from fraudshield.expression.names import Kind
from fraudshield.expression.reading import NotEvaluated
from tests.unit.expression.random_value import ENVIRONMENT

LONG = Decimal("9007199254740993")


def said(text: str, table: dict[str, Column], rows: int) -> list[Any]:
    found = columns(condition(text, ENVIRONMENT), table, rows)
    return [value if known else None for value, known in zip(found.values.tolist(), found.known.tolist(), strict=True)]


def test_rows_beyond_15_digits_are_compared_as_decimals() -> None:
    amounts = column(Kind.MONEY, [LONG, LONG - 1, Decimal("10.99"), None])
    assert list(amounts.exact) == [0, 1]
    table = {"amount": amounts, "fee": column(Kind.MONEY, [LONG - 1] * 4)}
    assert said("amount > 9007199254740992", table, 4) == [True, False, False, None]
    assert said("amount == fee", table, 4) == [False, True, False, None]
    assert said("amount in [9007199254740993, 10.99]", table, 4) == [True, False, True, None]


def test_without_the_decimals_the_difference_would_be_lost() -> None:
    assert said("amount > 9007199254740992", {"amount": Column(np.array([float(LONG)]))}, 1) == [False]


@pytest.mark.parametrize(
    ("number", "long"),
    [("123456789012345", False), ("1234567890123456", True), ("1000000000000000000", False), ("0", False)],
)
def test_digits_are_counted_without_zeros_at_the_ends(number: str, long: bool) -> None:
    assert is_long(Decimal(number)) is long


def test_a_column_that_is_not_there_is_missing() -> None:
    assert said("has(payee) || payee == 'a' || amount > 5 || known || paid_at == paid_at", {}, 2) == [None, None]
    assert said("has(payee)", {}, 2) == [False, False]


def test_what_is_missing_is_nan_none_or_nat() -> None:
    table = {
        "balance": Column(np.array([np.nan, 2.0])),
        "payee": Column(np.array([None, "a"], object)),
        "paid_at": Column(np.array(["NaT", "2026-01-01"], "datetime64[us]")),
    }
    assert said("balance > 1", table, 2) == [None, True]
    assert said("payee == 'a'", table, 2) == [None, True]
    assert said("hour(paid_at, 'UTC') == 0", table, 2) == [None, True]
    assert said("has(balance) && has(payee) && has(paid_at)", table, 2) == [False, True]


def test_integers_of_any_width_are_read_as_float64() -> None:
    assert said("items == 9007199254740992", {"items": Column(np.array([2**53 + 1, 1], np.int64))}, 2) == [True, False]


def test_a_literal_alone_fills_every_row() -> None:
    assert said("true", {}, 3) == [True, True, True]
    assert columns(feature("2", ENVIRONMENT), {}, 2).values.tolist() == [2.0, 2.0]
    assert columns(
        feature("known ? 'a' : 'b'", ENVIRONMENT), {"known": Column(np.array([True, False]))}, 2
    ).values.tolist() == ["a", "b"]


def test_no_rows_are_no_values() -> None:
    for text in ("amount > 5", "payee.startsWith('a')", "hour(paid_at) > 5", "payee in ['a']", "true"):
        assert said(text, {}, 0) == []


def test_a_list_is_asked_for_the_rows_that_have_a_text() -> None:
    rule = condition("payee.lowerAscii() in lists.blocked", ENVIRONMENT)
    table = {"payee": column(Kind.TEXT, ["C1", None, "x"])}
    found = columns(rule, table, 3, {"blocked": query({"c1"})})
    assert (found.values & found.known).tolist() == [True, False, False]
    assert found.known.tolist() == [True, False, True]
    assert columns(rule, table, 3).known.tolist() == [False, False, False]


def test_hours_and_weekdays_are_those_of_the_clocks_around_every_change_of_them() -> None:
    for name in ("Europe/Berlin", "Australia/Lord_Howe", "America/Caracas", "Asia/Kathmandu", "Africa/Monrovia"):
        zone = ZoneInfo(name)
        at = [datetime(1960, 1, 1, tzinfo=UTC) + timedelta(days=step) for step in range(24_000)]
        changes = [
            two for one, two in pairwise(at) if one.astimezone(zone).utcoffset() != two.astimezone(zone).utcoffset()
        ]
        around = [one - timedelta(minutes=minutes, microseconds=1) for one in changes for minutes in range(0, 1441, 15)]
        table = {"paid_at": column(Kind.INSTANT, around)}
        local = [one.astimezone(zone) for one in around]
        clocks = {"hour": [one.hour for one in local], "weekday": [one.isoweekday() for one in local]}
        for text, expected in clocks.items():
            found = columns(feature(f'{text}(paid_at, "{name}")', ENVIRONMENT), table, len(around))
            assert found.values.tolist() == expected


def test_where_python_has_no_date_there_is_no_value() -> None:
    table = {"paid_at": column(Kind.INSTANT, [datetime.max.replace(tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)])}
    rule = condition('hour(paid_at, "Asia/Tokyo") == 9', ENVIRONMENT)
    assert columns(rule, table, 2).known.tolist() == [False, True]
    assert rule.evaluate({"paid_at": datetime.max.replace(tzinfo=UTC)}) == NotEvaluated("overflow")
