from collections import Counter

import numpy as np
import pytest

from fraudshield.backtest.account_sums import Accounts, AccountSums
from fraudshield.backtest.paired import Circumstances, paired_differences
from tests.backtest.coverage import coverage, coverage_of_resampled_payments, rejections
from tests.backtest.world import true_differences

FOUND = AccountSums(payments=4, frauds=2, frauds_flagged_then=1, money=80.0, money_flagged_then=30.0, reviews_then=1)
LOST = AccountSums(payments=4, frauds=2, frauds_flagged_now=1, money=60.0, money_flagged_now=10.0, reviews_now=1)
SAME = AccountSums(payments=9, frauds=1, frauds_flagged_now=1, frauds_flagged_then=1, money=5.0)
THIRTY_DAYS = Circumstances(days=30)
OF_TRUTH = ("recall", "value_recall", "precision")


def accounts(found: int, lost: int = 0, same: int = 20) -> Accounts:
    return Counter({FOUND: found, LOST: lost, SAME: same})


def test_five_discordant_accounts_are_not_enough_and_it_says_how_many_days_may_be() -> None:
    recall = paired_differences({"nameOrig": accounts(3, 2)}, THIRTY_DAYS)["recall"]
    assert not recall.enough
    assert recall.why_not == "Only 5 values of nameOrig tell the two apart; 6 are needed"
    assert (recall.low, recall.high, recall.days_more) == (None, None, 6)


def test_six_discordant_accounts_have_an_interval_about_the_difference() -> None:
    recall = paired_differences({"nameOrig": accounts(4, 2)}, THIRTY_DAYS)["recall"]
    assert recall.enough
    assert recall.difference == pytest.approx(2 / 32)
    assert recall.low is not None
    assert recall.high is not None
    assert recall.low < 2 / 32 < recall.high


def test_where_nothing_differs_no_number_of_days_is_promised() -> None:
    recall = paired_differences({"nameOrig": accounts(0)}, THIRTY_DAYS)["recall"]
    assert (recall.enough, recall.difference, recall.days_more) == (False, 0.0, None)


def test_without_any_fraud_there_is_no_recall_but_a_share_of_reviews() -> None:
    genuine = Counter({AccountSums(payments=3, genuine=3, reviews_then=1): 9, AccountSums(payments=3, genuine=3): 30})
    found = paired_differences({"nameOrig": genuine}, THIRTY_DAYS)
    assert (found["recall"].difference, found["recall"].why_not) == (None, "Nothing of that kind was compared")
    assert found["review_share"].enough


def test_where_most_of_what_differs_was_blocked_only_the_share_of_reviews_can_be_told() -> None:
    found = paired_differences({"nameOrig": accounts(9, 4)}, Circumstances(days=30, unknowable=0.51))
    assert [measure for measure, one in found.items() if one.enough] == ["review_share"]
    assert all(str(found[measure].why_not).startswith("51% of what differs was blocked") for measure in OF_TRUTH)
    half = paired_differences({"nameOrig": accounts(9, 4)}, Circumstances(days=30, unknowable=0.5))
    assert half["recall"].enough


def test_where_all_accounts_differ_alike_nothing_says_how_far_off_that_is() -> None:
    recall = paired_differences({"nameOrig": Counter({FOUND: 9})}, THIRTY_DAYS)["recall"]
    assert (recall.difference, recall.low, recall.enough) == (0.5, None, False)


def test_the_widest_interval_is_printed_and_named() -> None:
    pairs = Counter({FOUND.plus(FOUND): 4, LOST.plus(LOST): 2, SAME.plus(SAME): 10})
    by_sender = paired_differences({"nameOrig": accounts(8, 4)}, THIRTY_DAYS)["recall"]
    both = paired_differences({"nameOrig": accounts(8, 4), "merchant": pairs + Counter({SAME: 9})}, THIRTY_DAYS)[
        "recall"
    ]
    assert (by_sender.entity, both.entity) == ("nameOrig", "merchant")
    assert by_sender.high is not None
    assert both.high is not None
    assert both.high > by_sender.high


def test_an_entity_with_few_values_at_all_is_a_category_and_no_sample() -> None:
    countries = Counter({FOUND.plus(LOST): 2, SAME: 1})
    found = paired_differences({"nameOrig": accounts(8, 4), "country": countries}, THIRTY_DAYS)["recall"]
    assert (found.entity, found.enough) == ("nameOrig", True)


def test_an_entity_that_seldom_differs_says_that_there_is_not_enough() -> None:
    merchants = Counter({FOUND.plus(LOST).plus(FOUND): 4, SAME: 30})
    found = paired_differences({"nameOrig": accounts(8, 4), "merchant": merchants}, THIRTY_DAYS)["recall"]
    assert found.why_not == "Only 4 values of merchant tell the two apart; 6 are needed"


def test_the_interval_widens_with_the_drafts_that_were_tried() -> None:
    once, often = (
        paired_differences({"nameOrig": accounts(8, 4)}, Circumstances(days=30, drafts_tried=tried))["recall"]
        for tried in (1, 10)
    )
    assert once.high is not None
    assert often.high is not None
    assert often.high > once.high


def test_intervals_by_account_hold_the_truth_and_those_by_payment_do_not() -> None:
    """A small one of what `make test-long` does for all sizes."""
    truth = true_differences(by_merchant=False, fraud_accounts=3000)
    rng = np.random.default_rng(40)
    found = coverage(rng, 15, 120, truth, by_merchant=False)
    assert all(one.share >= 0.9 for one in found.values())
    assert coverage_of_resampled_payments(rng, 15, 120, truth["value_recall"]).share < 0.9


def test_the_sign_test_by_account_takes_equal_policies_for_equal_and_by_payment_does_not() -> None:
    rng = np.random.default_rng(41)
    assert rejections(rng, 8, 80) <= 0.05
    assert rejections(rng, 15, 60, payments=True) > 0.15
