"""How often a printed interval holds the true difference, and how often the sign test finds one where there is none."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fraudshield.backtest.account_sums import Accounts
from fraudshield.backtest.paired import Circumstances, paired_differences
from fraudshield.backtest.sign_test import sign_tests
from tests.backtest.world import World, account_sums, world

RESAMPLES = 200


@dataclass(slots=True)
class Coverage:
    """Of so many worlds an interval was printed in `printed`, and held the truth in `held` of these."""

    worlds: int = 0
    printed: int = 0
    held: int = 0

    @property
    def share(self) -> float:
        """Of the printed intervals those that held the truth."""
        return self.held / self.printed if self.printed else float("nan")


def by_account(made: World) -> Mapping[str, Accounts]:
    """The sums by all that payments may have in common."""
    return {"account": account_sums(made, made.account), "merchant": account_sums(made, made.merchant)}


def by_payment(made: World) -> Mapping[str, Accounts]:
    """The sums as if no two payments had anything in common: what is not to be done."""
    return {"payment": account_sums(made, np.arange(made.account.size))}


def coverage(
    rng: np.random.Generator, fraud_accounts: int, worlds: int, truth: Mapping[str, float], *, by_merchant: bool
) -> dict[str, Coverage]:
    """Of each measure, of what the product prints."""
    found: dict[str, Coverage] = defaultdict(Coverage)
    for _ in range(worlds):
        made = world(rng, fraud_accounts, by_merchant=by_merchant)
        for measure, one in paired_differences(by_account(made), Circumstances(days=30)).items():
            found[measure].worlds += 1
            if one.low is not None and one.high is not None:
                found[measure].printed += 1
                found[measure].held += one.low <= truth[measure] <= one.high
    return found


def coverage_of_resampled_payments(
    rng: np.random.Generator, fraud_accounts: int, worlds: int, truth: float
) -> Coverage:
    """Of the recall of value, by a percentile bootstrap of payments: what is not to be done."""
    found = Coverage()
    for _ in range(worlds):
        made = world(rng, fraud_accounts)
        frauds = np.flatnonzero(made.fraud)
        amount = made.amount[frauds]
        gained = (made.then[frauds].astype(float) - made.now[frauds]) * amount
        drawn = rng.multinomial(frauds.size, np.full(frauds.size, 1 / frauds.size), RESAMPLES)
        low, high = np.percentile(drawn @ gained / (drawn @ amount), [2.5, 97.5])
        found.worlds, found.printed = found.worlds + 1, found.printed + 1
        found.held += bool(low <= truth <= high)
    return found


def rejections(
    rng: np.random.Generator, fraud_accounts: int, worlds: int, *, by_merchant: bool = False, payments: bool = False
) -> float:
    """In what share of worlds with equal policies the sign test over frauds finds one better, at 5 %."""
    rejected = 0
    for _ in range(worlds):
        made = world(rng, fraud_accounts, by_merchant=by_merchant, equal=True)
        p = sign_tests(by_payment(made) if payments else by_account(made), drafts_tried=1).fraud.p
        rejected += p is not None and p < 0.05
    return rejected / worlds
