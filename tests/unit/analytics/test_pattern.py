"""What is unusual: yesterday against the median of four weeks."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from fraudshield.analytics.figure.pattern import ENOUGH_DAYS, unusual

DAY = date(2026, 11, 23)


def days(now: int, before: int, with_some: int = 28) -> dict[str, dict[str, Decimal]]:
    """So many transactions yesterday, and on each of the days before."""
    back = {(DAY - timedelta(days=at)).isoformat(): {"transactions": Decimal(before)} for at in range(1, with_some + 1)}
    return back | {DAY.isoformat(): {"transactions": Decimal(now)}}


@pytest.mark.parametrize(("now", "stands_out"), [(200, True), (199, False), (50, True), (51, False), (100, False)])
def test_twice_the_median_or_half_of_it_is_unusual(now: int, stands_out: bool) -> None:
    told = unusual(days(now, 100), DAY)
    assert [one["figure"] for one in told["figures"]] == (["transactions"] if stands_out else [])


def test_it_says_what_and_how_much() -> None:
    [found] = unusual(days(250, 100), DAY)["figures"]
    assert found == {"figure": "transactions", "value": 250.0, "median": 100.0, "ratio": 2.5}


def test_three_instead_of_one_is_chance() -> None:
    assert unusual(days(3, 1), DAY)["figures"] == []


@pytest.mark.parametrize(("with_some", "enough"), [(ENOUGH_DAYS, True), (ENOUGH_DAYS - 1, False)])
def test_with_too_few_days_nothing_is_called_unusual(with_some: int, enough: bool) -> None:
    told = unusual(days(500, 100, with_some), DAY)
    assert (told["enough"], told["basis_days"], bool(told["figures"])) == (enough, with_some, enough)


def test_against_nothing_there_is_no_ratio() -> None:
    basis = {(DAY - timedelta(days=at)).isoformat(): {"transactions": Decimal(1)} for at in range(1, 29)}
    [found] = [
        one
        for one in unusual(basis | {DAY.isoformat(): {"outcome.block": Decimal(30)}}, DAY)["figures"]
        if one["figure"] == "blocked"
    ]
    assert found["ratio"] is None
