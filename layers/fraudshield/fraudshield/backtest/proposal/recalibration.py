"""A calibration again, without training: what a stored risk means by the labels that came in since."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

from fraudshield.predictor.forest import STEPS

LEAST_RISK = 0.5 / STEPS  # what stands for 0, and for 1 on the other side: the log-odds of those are infinite
STEPS_OF_NEWTON, NEARLY = 50, 1e-6
STEEP = 20.0  # a slope like that tells the two apart as well as any steeper one
RIDGE = 1e-6  # as scikit-learn's C = 1e6: keeps risks that separate the two from an infinite slope


@dataclass(frozen=True, slots=True)
class Recalibration:
    """Platt's two parameters on the log-odds of the stored risk."""

    slope: float
    intercept: float

    def risk(self, stored: float) -> float:
        """The probability of fraud that a stored risk stands for."""
        return _logistic(self.slope * _log_odds(stored) + self.intercept)


def recalibrated(labelled: Sequence[tuple[float, bool]]) -> Recalibration:
    """By maximum likelihood (Platt 1999), by Newton's method; `labelled` are stored risks and whether it was fraud."""
    counts: dict[tuple[float, bool], int] = {}
    for one in labelled:
        counts[one] = counts.get(one, 0) + 1
    points = [(_log_odds(risk), fraud, number) for (risk, fraud), number in counts.items()]
    frauds = sum(fraud for _, fraud in labelled)
    slope, intercept = 0.0, log(frauds / (len(labelled) - frauds))
    for _ in range(STEPS_OF_NEWTON):
        g1, g0, h11, h10, h00 = -RIDGE * slope, 0.0, RIDGE, 0.0, 1e-12
        for x, fraud, number in points:
            p = _logistic(slope * x + intercept)
            error, weight = number * (fraud - p), number * p * (1 - p)
            g1, g0 = g1 + error * x, g0 + error
            h11, h10, h00 = h11 + weight * x * x, h10 + weight * x, h00 + weight
        determinant = h11 * h00 - h10 * h10
        if determinant <= 0:
            break
        by1, by0 = (g1 * h00 - g0 * h10) / determinant, (g0 * h11 - g1 * h10) / determinant
        longest = max(1.0, abs(by1), abs(by0))  # a step of more than one leads astray where risks nearly separate them
        slope, intercept = slope + by1 / longest, intercept + by0 / longest
        if max(abs(by1), abs(by0)) < NEARLY or slope > STEEP:
            break
    return Recalibration(round(slope, 6), round(intercept, 6))


def _log_odds(risk: float) -> float:
    within = min(max(risk, LEAST_RISK), 1 - LEAST_RISK)
    return log(within / (1 - within))


def _logistic(x: float) -> float:
    return 1 / (1 + exp(-x)) if x >= 0 else 1 - 1 / (1 + exp(x))
