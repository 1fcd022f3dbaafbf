"""Thresholds that would stop everybody are refused, unless somebody means it."""

import pytest

from fraudshield.policy.flagged_share import FlagsTooMuch, RiskCount, check_share
from fraudshield.policy.policy import Thresholds

IN_FORCE = Thresholds(review=0.5, block=0.9)


def at(review: float) -> Thresholds:
    return Thresholds(review=review, block=1.0)


def counts(high: int, middle: int, low: int) -> list[RiskCount]:
    """How many are flagged by the thresholds in force, from 0.1 on, and by none but the lowest."""
    return [RiskCount(0.0001, low), RiskCount(0.2, middle), RiskCount(0.8, high)]


@pytest.mark.parametrize(
    ("high", "middle", "low", "refused"),
    [
        (0, 21, 79, True),
        (0, 20, 80, False),  # 20 % is not more than 20 %
        (0, 21, 78, False),  # 99 payments say little
        (10, 20, 70, True),  # three times as many as now
        (10, 19, 71, False),
        (1, 0, 99, False),
    ],
)
def test_more_than_a_fifth_and_three_times_as_many_are_refused(high: int, middle: int, low: int, refused: bool) -> None:
    if not refused:
        check_share(at(0.1), IN_FORCE, counts(high, middle, low))
        return
    with pytest.raises(FlagsTooMuch):
        check_share(at(0.1), IN_FORCE, counts(high, middle, low))


@pytest.mark.parametrize("review", [1e-120, 0.0001])
def test_a_threshold_below_every_risk_is_refused_with_the_share(review: float) -> None:
    with pytest.raises(FlagsTooMuch, match=r"up to 100.0% of the 1,000 online .* in force flag up to 0.5%") as found:
        check_share(at(review), IN_FORCE, counts(5, 5, 990))
    assert [(fault.pointer, fault.code) for fault in found.value.faults] == [("/thresholds/review", "flags_too_much")]


def test_what_has_no_risk_at_all_is_flagged_by_no_threshold() -> None:
    check_share(at(1e-120), IN_FORCE, [RiskCount(0.0, 1000)])


def test_a_milder_policy_is_never_refused() -> None:
    check_share(at(0.9), at(0.0001), counts(500, 300, 200))
