"""Made-up worlds in which two policies judge the same payments, and the truth about the difference is known."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fraudshield.backtest.account_sums import MEASURES, Accounts, AccountSums, parts_of
from fraudshield.backtest.jackknife import estimate

GENUINE_ACCOUNTS = 20  # for each of whose payments some are fraud
NOW_FROM, THEN_FROM = 1.9, 2.05  # the scores from which each of the two flags
FRAUD_ACCOUNTS_OF_TRUTH = 20_000

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class World:
    """Payments in columns: whose they are, at which merchant, whether fraud, whether either policy flags, how much."""

    account: NDArray[np.int64]
    merchant: NDArray[np.int64]
    fraud: NDArray[np.bool_]
    now: NDArray[np.bool_]
    then: NDArray[np.bool_]
    amount: Numbers


def world(rng: np.random.Generator, fraud_accounts: int, *, by_merchant: bool = False, equal: bool = False) -> World:
    """Accounts that are easy or hard for either policy, some of them with several frauds.

    With `by_merchant` frauds of about three accounts happen at one merchant, which is easy or hard for either policy.
    With `equal` both policies are drawn alike, so that neither is better.
    """
    accounts = fraud_accounts * (1 + GENUINE_ACCOUNTS)
    taken_over = np.arange(accounts) < fraud_accounts
    account = np.repeat(np.arange(accounts), 1 + rng.poisson(3, accounts) + taken_over * rng.poisson(6, accounts))
    fraud = taken_over[account] & (rng.random(account.size) < 0.7)
    elsewhere = rng.integers(accounts, accounts + max(200, 4 * fraud_accounts), account.size)
    groups = [account]
    if by_merchant:
        first = np.cumsum(1 + rng.poisson(2, accounts))
        groups.append(np.searchsorted(first, account, side="right"))
    score = rng.normal(0, 1, account.size) + fraud * (2.2 + _swing(rng, groups, 1.0))
    then = score + rng.normal(0, 0.6, account.size) + fraud * _swing(rng, groups, 0.8)
    if equal:
        now, better, threshold = (
            score + rng.normal(0, 0.6, account.size) + fraud * _swing(rng, groups, 0.8),
            0.0,
            NOW_FROM,
        )
    else:
        now, better, threshold = score, 0.25, THEN_FROM
    merchant = np.where(fraud, groups[-1], elsewhere)
    amount = rng.lognormal(4, 1.2, account.size)
    return World(account, merchant, fraud, now > NOW_FROM, then + better * fraud > threshold, amount)


def _swing(rng: np.random.Generator, groups: list[NDArray[np.int64]], size: float) -> Numbers:
    """What the payments of one account, or of one merchant, have in common."""
    return sum((rng.normal(0, size, int(group.max()) + 1)[group] for group in groups), np.zeros(groups[0].size))


def account_sums(made: World, group: NDArray[np.int64]) -> Accounts:
    """The sums by account, or by whatever else `group` says; every flagged payment is a review."""
    inverse = np.unique(group, return_inverse=True)[1]
    genuine = ~made.fraud

    def summed(values: NDArray[np.bool_] | Numbers) -> list[float]:
        return list(np.bincount(inverse, values.astype(float)).tolist())

    columns = (
        summed(np.ones(inverse.size)),
        *(summed(flagged) for flagged in (made.now, made.then)),
        *(summed(genuine & those) for those in (genuine, made.now, made.then)),
        *(summed(made.fraud & those) for those in (made.fraud, made.now, made.then)),
        *(summed((made.fraud & those) * made.amount) for those in (made.fraud, made.now, made.then)),
    )
    return Counter(map(AccountSums._make, zip(*columns, strict=True)))


def true_differences(*, by_merchant: bool, fraud_accounts: int = FRAUD_ACCOUNTS_OF_TRUTH) -> Mapping[str, float]:
    """What the measures differ by in a world that is as good as endless."""
    made = world(np.random.default_rng(2026), fraud_accounts, by_merchant=by_merchant)
    everything = account_sums(made, np.zeros_like(made.account))
    found = {measure: estimate(parts_of(everything, measure)) for measure in MEASURES}
    return {measure: one.difference for measure, one in found.items() if one is not None}
