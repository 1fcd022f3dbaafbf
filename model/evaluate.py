"""How good a score is at finding fraud, with bootstrap intervals and with its baselines beside it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.random import default_rng
from numpy.typing import NDArray

from fraudshield.predictor.columns import Booleans, Floats
from model.quantile import Integers

RESAMPLES = 200
BOOTSTRAP_SEED = 1
CALIBRATION_EDGES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)  # 99 % of the risks lie below 0.03
PROTOCOL = (
    "split by step, in the order of time: the first 60 % of the rows train, the next 20 % calibrate, the last 20 % "
    "test; every number is on the test rows; intervals are the 2.5 and 97.5 percentiles of 200 bootstrap resamples of "
    "rows; rows of equal score are alerted in random order"
)


@dataclass(frozen=True, slots=True)
class Measures:
    """Shares 0..1. Alerted are the riskiest 0.1 or 0.5 % of all rows, or (`from_0_5`) those scored 0.5 or more."""

    auprc: float
    recall_at_0_1_percent: float
    recall_at_0_5_percent: float
    recall_at_precision_90: float
    precision_from_0_5: float
    recall_from_0_5: float
    amount_caught_at_0_5_percent: float
    brier: float
    ece: float


@dataclass(frozen=True, slots=True)
class Interval:
    """A measure and the bounds its bootstrap put 95 % between."""

    value: float
    low: float
    high: float


class Ranking:
    """Rows from the highest score down, measured as often as wanted with other weights."""

    def __init__(self, score: Floats, fraud: Booleans, amount: Floats) -> None:
        self.order = np.argsort(-score, kind="stable")
        self._score, self._fraud, self._amount = score[self.order], fraud[self.order], amount[self.order]
        self._ends = np.flatnonzero(np.diff(self._score, append=-np.inf))
        self._bin = np.searchsorted(CALIBRATION_EDGES, self._score, side="right")

    def measures(self, weight: Integers) -> Measures:
        """Row i in the order given at first counts `weight[i]` times."""
        weight = weight[self.order]
        rows = np.cumsum(weight)[self._ends]
        frauds = np.cumsum(weight * self._fraud)[self._ends]
        money = np.cumsum(weight * self._fraud * self._amount)[self._ends]
        recall = frauds / frauds[-1]
        precision = frauds / np.maximum(1, rows)
        likely = self._score[self._ends] >= 0.5
        return Measures(
            auprc=float(np.sum(np.diff(recall, prepend=0.0) * precision)),
            recall_at_0_1_percent=_alerted(0.001, rows, recall),
            recall_at_0_5_percent=_alerted(0.005, rows, recall),
            recall_at_precision_90=_reached(recall, precision >= 0.9),
            precision_from_0_5=float(precision[likely][-1]) if likely.any() else 0.0,
            recall_from_0_5=_reached(recall, likely),
            amount_caught_at_0_5_percent=_alerted(0.005, rows, money / money[-1]),
            brier=float(np.average((self._score - self._fraud) ** 2, weights=weight)),
            ece=self._calibration_error(weight),
        )

    def _calibration_error(self, weight: Integers) -> float:
        """Expected calibration error: the mean gap between score and fraud rate over the bins, by their rows."""
        gap = np.bincount(self._bin, weights=weight * (self._score - self._fraud))
        return float(np.abs(gap).sum() / weight.sum())


def evaluate(
    scores: Mapping[str, Floats], fraud: Booleans, amount: Floats, advance: Callable[[], object]
) -> dict[str, dict[str, Interval]]:
    """By score and measure; all scores see the same resamples. `advance` is called `RESAMPLES` times."""
    rng = default_rng(BOOTSTRAP_SEED)
    rankings = {name: Ranking(score, fraud, amount) for name, score in scores.items()}
    resampled: dict[str, list[Measures]] = {name: [] for name in scores}
    for _ in range(RESAMPLES):
        weight = np.bincount(rng.integers(0, len(fraud), len(fraud)), minlength=len(fraud))
        for name, ranking in rankings.items():
            resampled[name].append(ranking.measures(weight))
        advance()
    once = np.ones(len(fraud), np.int64)
    return {name: _intervals(rankings[name].measures(once), resampled[name]) for name in scores}


def _intervals(measured: Measures, resampled: list[Measures]) -> dict[str, Interval]:
    found = {}
    for name, value in asdict(measured).items():
        low, high = np.percentile([getattr(measures, name) for measures in resampled], (2.5, 97.5))
        found[name] = Interval(*(float(f"{number:.4g}") for number in (value, low, high)))
    return found


def _alerted(rate: float, rows: Integers, caught: Floats) -> float:
    """What is caught in that share of all rows; inside a group of equal scores, what a random order would catch."""
    return float(np.interp(rate * rows[-1], np.append(0, rows), np.append(0.0, caught)))


def _reached(curve: Floats, allowed: NDArray[np.bool_]) -> float:
    """The highest point of a curve among those allowed."""
    return float(np.max(curve[allowed], initial=0.0))
