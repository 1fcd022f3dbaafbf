"""The answer of a comparison of two models, from the lines of all parts: first the thresholds."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge

from typing_extensions import TypedDict

from fraudshield.backtest.account_sums import AccountSums
from fraudshield.backtest.answer import HistoryAnswer, history_answer
from fraudshield.backtest.challenger.gate import MARGIN, GateAnswer, gate
from fraudshield.backtest.challenger.judged import ByThreshold
from fraudshield.backtest.challenger.matching import MatchedThresholds, matched
from fraudshield.backtest.challenger.tally import TRAINED_ON, champion_counts, histogram_in, sums_at
from fraudshield.backtest.plan import BacktestPlan, part_key
from fraudshield.backtest.port import BacktestStore, PartFiles
from fraudshield.backtest.tally import Totals, merged_accounts, totals_in
from fraudshield.predictor.forest import STEPS


class MatchedRisks(TypedDict):
    """From which of the challenger's risks on it has as many reviewed, and blocked, as the champion; null is none."""

    review: float | None
    block: float | None


class GateResponse(TypedDict):
    """Whether the challenger may take the champion's place, and if not why; `margin` is how much worse it may be."""

    passes: bool
    why_not: str | None
    margin: float


class ModelsAnswer(HistoryAnswer, total=False):
    """`trained_on` payments were left out, since the challenger was trained on them."""

    trained_on: int
    matched_thresholds: MatchedRisks
    gate: GateResponse


@dataclass(frozen=True, slots=True)
class ChallengerMergeStep:
    """Merges the parts to the answer. It may be repeated: the same parts make the same answer."""

    store: BacktestStore
    files: PartFiles
    now: Callable[[], datetime]

    def run(self, plan: BacktestPlan) -> ModelsAnswer:
        """Raises NotFound: a part is missing."""
        runs = [self.files.lines(part_key(plan.backtest_id, part.index)) for part in plan.parts]
        answer = models_answer(
            runs, plan.fields, plan.days, plan.drafts_tried, plan.models.margin if plan.models else MARGIN
        )
        self.store.complete(plan.backtest_id, answer, self.now())
        return answer


def models_answer(
    runs: Sequence[Iterator[str]], fields: Sequence[str], days: float, tried: int, margin: float
) -> ModelsAnswer:
    """The answer from the lines of all parts."""
    firsts = [next(lines) for lines in runs]
    totals = Totals()
    for first in firsts:
        totals.merge(totals_in(first))
    at = matched_in(firsts)
    moved = Totals()
    entities = merged_accounts(_merged(runs, at, moved), fields)
    totals.merge(moved)
    answer = history_answer(totals, entities, (), days, tried)
    found = gate(answer["paired"], margin)
    return {
        **answer,
        "trained_on": totals.counts[TRAINED_ON],
        "matched_thresholds": {"review": _risk(at.review), "block": _risk(at.block)},
        "gate": gate_response(found, margin),
    }


def gate_response(found: GateAnswer, margin: float) -> GateResponse:
    """As it is shown."""
    return {"passes": found.passes, "why_not": found.why_not, "margin": margin}


def matched_in(firsts: Sequence[str]) -> MatchedThresholds:
    """The challenger's thresholds, by the first lines of all parts."""
    histogram: dict[ByThreshold, Counter[int]] = {}
    flagged = blocked = 0
    for first in firsts:
        for then, of in histogram_in(first).items():
            histogram.setdefault(then, Counter()).update(of)
        more_flagged, more_blocked = champion_counts(first)
        flagged, blocked = flagged + more_flagged, blocked + more_blocked
    return matched(histogram, flagged, blocked)


def _merged(runs: Sequence[Iterator[str]], at: MatchedThresholds, totals: Totals) -> Iterator[tuple[str, AccountSums]]:
    """All lines in the order of their keys."""
    return merge(*(map(_read(at, totals), lines) for lines in runs), key=lambda line: line[0])


def _read(at: MatchedThresholds, totals: Totals) -> Callable[[str], tuple[str, AccountSums]]:
    return lambda line: sums_at(line, at, totals)


def _risk(steps: int) -> float | None:
    return None if steps > STEPS else steps / STEPS
