"""The challenger's thresholds: those at which it has no more reviewed and blocked than the champion has.

Two models with other thresholds differ in how many people they need before they differ in what they find. So what a
challenger is judged by is not its own proposal.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from fraudshield.backtest.challenger.judged import ByThreshold
from fraudshield.policy.outcome import Outcome
from fraudshield.predictor.forest import STEPS

NEVER = STEPS + 1  # steps that no risk reaches
Histogram = Mapping[ByThreshold, Counter[int]]  # how many payments have a risk of so many steps


@dataclass(frozen=True, slots=True)
class MatchedThresholds:
    """From how many steps of the challenger's risk on a payment is reviewed, and blocked."""

    review: int
    block: int

    def outcome(self, then: ByThreshold, steps: int) -> Outcome:
        """What becomes of a payment."""
        if steps >= self.block:
            return then.above
        return then.between if steps >= self.review else then.below


def matched(histogram: Histogram, flagged: int, blocked: int) -> MatchedThresholds:
    """The lowest thresholds at which no more are flagged and no more are blocked than the champion's so many."""
    is_flagged = {one: (one.below is not Outcome.APPROVE, one.between is not Outcome.APPROVE) for one in histogram}
    review = _lowest(histogram, is_flagged, flagged, 0)
    is_blocked = {one: (one.between is Outcome.BLOCK, one.above is Outcome.BLOCK) for one in histogram}
    return MatchedThresholds(review, _lowest(histogram, is_blocked, blocked, review))


def _lowest(histogram: Histogram, counts: Mapping[ByThreshold, tuple[bool, bool]], most: int, floor: int) -> int:
    """The lowest threshold with at most so many; `counts` says whether a payment counts below it and from it on."""
    number, found = sum(histogram[one].total() for one, (under, _) in counts.items() if under), NEVER
    moved: Counter[int] = Counter()
    for one, (under, over) in counts.items():
        if under != over:
            moved.update({steps: many if over else -many for steps, many in histogram[one].items()})
    for steps in sorted(moved, reverse=True):
        number += moved[steps]
        if number > most or steps < floor:
            break
        found = steps
    return found
