"""The exact sign test: so many accounts were better off and so many worse off; could that be chance?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import exp, lgamma, log

from fraudshield.backtest.account_sums import Accounts, AccountSums

LOG_HALF = log(0.5)
Gain = Callable[[AccountSums], float]  # by how many payments the draft is better for an account
FEWEST = 6  # accounts that tell the two apart: with five, all on one side, the test cannot say anything yet


@dataclass(frozen=True, slots=True)
class SignTest:
    """`p` is how likely so uneven a split is among values of `entity` where neither is better; None with too few."""

    better: int
    worse: int
    p: float | None
    entity: str


@dataclass(frozen=True, slots=True)
class SignTests:
    """Frauds and genuine payments each have their own: a draft may be better at one and worse at the other."""

    fraud: SignTest
    genuine: SignTest


def sign_tests(entities: Mapping[str, Accounts], drafts_tried: int) -> SignTests:
    """Each account counts once, however many of its payments differ. Of several entities the least sure one speaks."""
    return SignTests(_least_sure(entities, _fraud, drafts_tried), _least_sure(entities, _genuine, drafts_tried))


def sign_test(better: int, worse: int) -> float:
    """The probability of a split that is as uneven or more, where both sides are as likely."""
    flips = better + worse
    tail = sum(exp(_log_share(flips, count)) for count in range(min(better, worse) + 1))
    return min(1.0, 2 * tail)


def _fraud(sums: AccountSums) -> float:
    return sums.frauds_flagged_then - sums.frauds_flagged_now


def _genuine(sums: AccountSums) -> float:
    return sums.genuine_flagged_now - sums.genuine_flagged_then


def _least_sure(entities: Mapping[str, Accounts], gain: Gain, drafts_tried: int) -> SignTest:
    tests = [_test(entity, accounts, gain, drafts_tried) for entity, accounts in entities.items()]
    return max(tests, key=lambda one: 2.0 if one.p is None else one.p)


def _test(entity: str, accounts: Accounts, gain: Gain, drafts_tried: int) -> SignTest:
    better = sum(many for sums, many in accounts.items() if gain(sums) > 0)
    worse = sum(many for sums, many in accounts.items() if gain(sums) < 0)
    p = min(1.0, sign_test(better, worse) * drafts_tried) if better + worse >= FEWEST else None
    return SignTest(better, worse, p, entity)


def _log_share(flips: int, count: int) -> float:
    return lgamma(flips + 1) - lgamma(count + 1) - lgamma(flips - count + 1) + flips * LOG_HALF
