"""The printed intervals and the sign test in worlds whose truth is known: three seeds, none of them chosen."""

from collections.abc import Iterator, Sequence
from math import sqrt
from statistics import NormalDist

import numpy as np
import pytest

from tests.backtest.coverage import Coverage, coverage, coverage_of_resampled_payments, rejections
from tests.backtest.world import true_differences

pytestmark = pytest.mark.long
SEEDS = (1, 2, 3)
WORLDS = 400
FRAUD_ACCOUNTS = (8, 15, 40, 160)
ENOUGH_PRINTED = 100  # where a seed has fewer, all three are judged together, and with fewer in all there is no judging


@pytest.mark.parametrize("fraud_accounts", FRAUD_ACCOUNTS)
@pytest.mark.parametrize("by_merchant", [False, True])
def test_the_printed_interval_holds_the_true_difference(fraud_accounts: int, by_merchant: bool) -> None:
    truth = true_differences(by_merchant=by_merchant)
    found = [
        coverage(np.random.default_rng([seed, fraud_accounts]), fraud_accounts, WORLDS, truth, by_merchant=by_merchant)
        for seed in SEEDS
    ]
    for measure in truth:
        for one in judged([of_seed[measure] for of_seed in found]):
            assert 0.92 <= one.share <= 0.99, (measure, one)


@pytest.mark.parametrize("fraud_accounts", FRAUD_ACCOUNTS)
def test_resampling_payments_does_not(fraud_accounts: int) -> None:
    truth = true_differences(by_merchant=False)["value_recall"]
    for seed in SEEDS:
        rng = np.random.default_rng([seed, fraud_accounts])
        assert coverage_of_resampled_payments(rng, fraud_accounts, WORLDS, truth).share < 0.92


@pytest.mark.parametrize("fraud_accounts", FRAUD_ACCOUNTS)
@pytest.mark.parametrize("by_merchant", [False, True])
def test_the_sign_test_takes_equal_policies_for_equal(fraud_accounts: int, by_merchant: bool) -> None:
    """Three seeds together: no more than a test at exactly 5 % rejects with 99 % certainty. Of 12,000 worlds 4.0 %."""
    rngs = [np.random.default_rng([seed, fraud_accounts]) for seed in SEEDS]
    shares = [rejections(rng, fraud_accounts, WORLDS, by_merchant=by_merchant) for rng in rngs]
    worlds = WORLDS * len(SEEDS)
    assert sum(shares) * WORLDS <= NormalDist(0.05 * worlds, sqrt(0.05 * 0.95 * worlds)).inv_cdf(0.99)


@pytest.mark.parametrize("fraud_accounts", FRAUD_ACCOUNTS)
def test_the_sign_test_by_payment_does_not(fraud_accounts: int) -> None:
    for seed in SEEDS:
        rng = np.random.default_rng([seed, fraud_accounts])
        assert rejections(rng, fraud_accounts, WORLDS, payments=True) > 0.15


def judged(seeds: Sequence[Coverage]) -> Iterator[Coverage]:
    """Each seed by itself; all together where one of them printed too few intervals to tell."""
    if min(one.printed for one in seeds) >= ENOUGH_PRINTED:
        yield from seeds
        return
    together = Coverage(*(sum(getattr(one, name) for one in seeds) for name in ("worlds", "printed", "held")))
    if together.printed >= ENOUGH_PRINTED:
        yield together
