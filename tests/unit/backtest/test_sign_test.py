from collections import Counter

import pytest
from scipy import stats  # type: ignore[import-untyped]

from fraudshield.backtest.account_sums import AccountSums
from fraudshield.backtest.sign_test import sign_test, sign_tests

BETTER = AccountSums(frauds=3, frauds_flagged_now=0, frauds_flagged_then=3)
WORSE = AccountSums(genuine=2, genuine_flagged_now=0, genuine_flagged_then=1)
SAME = AccountSums(frauds=2, frauds_flagged_now=1, frauds_flagged_then=1)


@pytest.mark.parametrize(("better", "worse"), [(6, 0), (0, 6), (9, 2), (30, 31), (400, 500)])
def test_the_probability_is_the_exact_one_of_scipy(better: int, worse: int) -> None:
    assert sign_test(better, worse) == pytest.approx(stats.binomtest(better, better + worse).pvalue)


def test_each_account_counts_once_and_frauds_apart_from_genuine_payments() -> None:
    tests = sign_tests({"account": Counter({BETTER: 7, WORSE: 8, SAME: 90})}, drafts_tried=1)
    assert (tests.fraud.better, tests.fraud.worse) == (7, 0)
    assert (tests.genuine.better, tests.genuine.worse) == (0, 8)
    assert tests.fraud.p == pytest.approx(2 / 2**7)


def test_five_accounts_say_nothing_and_six_do() -> None:
    assert sign_tests({"account": Counter({BETTER: 5})}, drafts_tried=1).fraud.p is None
    assert sign_tests({"account": Counter({BETTER: 6})}, drafts_tried=1).fraud.p == pytest.approx(2 / 2**6)


def test_of_several_entities_the_least_sure_one_speaks() -> None:
    at_three_merchants = BETTER.plus(BETTER)
    tests = sign_tests({"account": Counter({BETTER: 8}), "merchant": Counter({at_three_merchants: 3})}, 1)
    assert (tests.fraud.entity, tests.fraud.p) == ("merchant", None)


def test_with_four_drafts_tried_chance_is_four_times_as_likely() -> None:
    assert sign_tests({"account": Counter({BETTER: 8})}, drafts_tried=4).fraud.p == pytest.approx(8 / 2**8)
