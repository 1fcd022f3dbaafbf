"""The difference of two ratios on the same payments, and its standard error by leaving out one account at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple


class RatioParts(NamedTuple):
    """What one account adds to two ratios: `now` is what was decided, `then` the draft's."""

    now_part: float
    now_whole: float
    then_part: float
    then_whole: float

    @property
    def counts(self) -> bool:
        """Whether it adds anything to either ratio."""
        return bool(self.now_whole or self.then_whole)

    @property
    def differs(self) -> bool:
        """Whether the account tells the two apart."""
        return (self.now_part, self.now_whole) != (self.then_part, self.then_whole)


NOBODY = RatioParts(0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A difference of two ratios. `accounts` add to it, `discordant` of them tell the two apart.

    `error` is None where a ratio would have nothing to be a ratio of without one of them.
    """

    difference: float
    error: float | None
    accounts: int
    discordant: int


def estimate(accounts: Mapping[RatioParts, int]) -> Estimate | None:
    """`accounts` says how many there are of each kind, so that those that are alike are left out once for all of them.

    None where there is nothing for a ratio to be of.
    """
    counted = {parts: many for parts, many in accounts.items() if parts.counts}
    number = sum(counted.values())
    total = RatioParts(*(sum(parts[at] * many for parts, many in counted.items()) for at in range(len(NOBODY))))
    difference = _difference(total, NOBODY)
    if difference is None:
        return None
    discordant = sum(many for parts, many in counted.items() if parts.differs)
    return Estimate(difference, _error(total, counted, number), number, discordant)


def _error(total: RatioParts, counted: Mapping[RatioParts, int], number: int) -> float | None:
    left: list[tuple[float, int]] = []
    for parts, many in counted.items():
        difference = _difference(total, parts)
        if difference is None:
            return None
        left.append((difference, many))
    mean = sum(difference * many for difference, many in left) / number
    spread = sum((difference - mean) ** 2 * many for difference, many in left)
    return sqrt(spread * (number - 1) / number)


def _difference(total: RatioParts, left_out: RatioParts) -> float | None:
    now, then = total.now_whole - left_out.now_whole, total.then_whole - left_out.then_whole
    if now <= 0 or then <= 0:
        return None
    return (total.then_part - left_out.then_part) / then - (total.now_part - left_out.now_part) / now
