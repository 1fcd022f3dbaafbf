"""How good a score is at finding fraud: its measures, as often as wanted with other weights."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fraudshield.predictor.columns import Booleans, Floats
from model.quantile import Integers

CALIBRATION_EDGES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)  # 99 % of the risks lie below 0.03


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


def _alerted(rate: float, rows: Integers, caught: Floats) -> float:
    """What is caught in that share of all rows; inside a group of equal scores, what a random order would catch."""
    return float(np.interp(rate * rows[-1], np.append(0, rows), np.append(0.0, caught)))


def _reached(curve: Floats, allowed: NDArray[np.bool_]) -> float:
    """The highest point of a curve among those allowed."""
    return float(np.max(curve[allowed], initial=0.0))
