"""What is added up of each account, or of each value of another entity: all that differences are worked out from."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from fraudshield.backtest.jackknife import RatioParts


class AccountSums(NamedTuple):
    """Sums over the compared payments of one account. `now` is what was decided, `then` what the draft decides.

    Flagged is whatever is not approved. Genuine and frauds are those that are known to be; the money is of frauds. All
    of these are weighted: a payment that a control share let through counts for all that it was drawn from.
    """

    payments: int = 0
    reviews_now: int = 0
    reviews_then: int = 0
    genuine: float = 0
    genuine_flagged_now: float = 0
    genuine_flagged_then: float = 0
    frauds: float = 0
    frauds_flagged_now: float = 0
    frauds_flagged_then: float = 0
    money: float = 0.0
    money_flagged_now: float = 0.0
    money_flagged_then: float = 0.0

    def plus(self, other: "AccountSums") -> "AccountSums":
        """The sums of both."""
        return AccountSums._make(mine + yours for mine, yours in zip(self, other, strict=True))


Accounts = Counter[AccountSums]  # how many accounts there are with these sums: most are alike


def recall(sums: AccountSums) -> RatioParts:
    """Of the frauds those that were flagged."""
    return RatioParts(sums.frauds_flagged_now, sums.frauds, sums.frauds_flagged_then, sums.frauds)


def value_recall(sums: AccountSums) -> RatioParts:
    """Of the money of frauds that of those that were flagged."""
    return RatioParts(sums.money_flagged_now, sums.money, sums.money_flagged_then, sums.money)


def precision(sums: AccountSums) -> RatioParts:
    """Of what was flagged, as far as its truth is known, the frauds."""
    return RatioParts(
        sums.frauds_flagged_now,
        sums.frauds_flagged_now + sums.genuine_flagged_now,
        sums.frauds_flagged_then,
        sums.frauds_flagged_then + sums.genuine_flagged_then,
    )


def review_share(sums: AccountSums) -> RatioParts:
    """Of all payments those that people have to look at."""
    return RatioParts(sums.reviews_now, sums.payments, sums.reviews_then, sums.payments)


def parts_of(accounts: Mapping[AccountSums, int], measure: str) -> Counter[RatioParts]:
    """How many accounts there are with these parts of a measure."""
    parts: Counter[RatioParts] = Counter()
    of = MEASURES[measure]
    for sums, many in accounts.items():
        parts[of(sums)] += many
    return parts


MEASURES = {"recall": recall, "value_recall": value_recall, "precision": precision, "review_share": review_share}
