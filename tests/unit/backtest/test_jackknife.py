from collections import Counter
from math import sqrt

import pytest

from fraudshield.backtest.jackknife import RatioParts, estimate

ACCOUNTS = [
    RatioParts(1, 3, 2, 3),
    RatioParts(1, 3, 2, 3),
    RatioParts(0, 1, 0, 2),
    RatioParts(4, 4, 1, 5),
    RatioParts(0, 0, 1, 1),
]


def ratio(accounts: list[RatioParts]) -> float:
    now_part, now_whole, then_part, then_whole = map(sum, zip(*accounts, strict=True))
    return then_part / then_whole - now_part / now_whole


def test_the_error_is_that_of_leaving_out_each_account_by_itself() -> None:
    left = [ratio(ACCOUNTS[:at] + ACCOUNTS[at + 1 :]) for at in range(len(ACCOUNTS))]
    mean = sum(left) / len(left)
    expected = sqrt((len(left) - 1) / len(left) * sum((one - mean) ** 2 for one in left))
    found = estimate(Counter(ACCOUNTS))
    assert found is not None
    assert found.difference == pytest.approx(ratio(ACCOUNTS))
    assert found.error == pytest.approx(expected)


def test_who_adds_nothing_to_a_ratio_is_not_counted() -> None:
    with_idle, without = (estimate(Counter(ACCOUNTS) + Counter({RatioParts(0, 0, 0, 0): many})) for many in (1000, 0))
    assert with_idle == without
    assert without is not None
    assert (without.accounts, without.discordant) == (5, 5)


def test_an_account_that_is_all_there_is_has_no_error() -> None:
    found = estimate(Counter({RatioParts(1, 2, 2, 2): 1}))
    assert found is not None
    assert found.error is None


def test_nothing_compared_has_no_difference() -> None:
    assert estimate(Counter({RatioParts(0, 0, 0, 0): 9})) is None
    assert estimate(Counter()) is None
