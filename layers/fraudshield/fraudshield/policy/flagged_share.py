"""How much of what came lately thresholds would flag: what keeps a slip of the pen from stopping everybody."""

from collections.abc import Sequence
from dataclasses import dataclass

from fraudshield.errors import Conflict, Fault
from fraudshield.policy.policy import Thresholds


class FlagsTooMuch(Conflict):
    """The thresholds would flag a large share of what came lately, and far more than those in force."""

    code = "flags_too_much"


MOST_SHARE = 0.2  # more than people can look at, by far
MOST_TIMES = 3  # as many as the thresholds in force flag
ENOUGH = 100  # payments; of fewer a share says little


@dataclass(frozen=True, slots=True)
class RiskCount:
    """How many payments had a risk in one band; `highest` is the highest risk that belongs to it."""

    highest: float
    payments: int


def check_share(wanted: Thresholds, in_force: Thresholds, counts: Sequence[RiskCount]) -> None:
    """Raises FlagsTooMuch where `wanted` would flag too many of what was counted.

    A band in which a threshold lies counts whole, for both: so the shares are what is flagged at most.
    """
    payments = sum(one.payments for one in counts)
    then, now = (_flagged(thresholds, counts) for thresholds in (wanted, in_force))
    if payments < ENOUGH or then <= MOST_SHARE * payments or then < MOST_TIMES * now:
        return
    says = (
        f"These thresholds would flag up to {then / payments:.1%} of the {payments:,} online payments of today and "
        f"yesterday, where those in force flag up to {now / payments:.1%}; put them with force: true if that is meant"
    )
    raise FlagsTooMuch(says, [Fault("/thresholds/review", says, FlagsTooMuch.code)])


def _flagged(thresholds: Thresholds, counts: Sequence[RiskCount]) -> int:
    return sum(one.payments for one in counts if one.highest >= thresholds.review)
