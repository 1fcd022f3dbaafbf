"""Calibration: how often a risk came true, by score bin, as far as labels tell."""

from collections.abc import Iterator
from decimal import Decimal

from typing_extensions import TypedDict

from fraudshield.analytics.bin import SCORE_EDGES, score_bounds
from fraudshield.analytics.port import Counters
from fraudshield.analytics.statistics import number


class CalibrationBin(TypedDict):
    """The labelled transactions with risks from `lower` to `upper`: their mean risk, and their share of frauds."""

    lower: float
    upper: float
    labelled: int
    frauds: int
    mean_risk: float
    fraud_rate: float


def calibration_bins(truth: Counters) -> Iterator[CalibrationBin]:
    """The score bins, lowest first; bins without a label are left out."""
    for at in range(len(SCORE_EDGES)):
        frauds = number(truth, f"f.{at:02d}")
        labelled = frauds + number(truth, f"g.{at:02d}")
        if labelled:
            lower, upper = score_bounds(at)
            mean = round(float(truth.get(f"r.{at:02d}", Decimal()) / labelled), 6)
            rate = round(frauds / labelled, 6)
            yield {
                "lower": lower,
                "upper": upper,
                "labelled": labelled,
                "frauds": frauds,
                "mean_risk": mean,
                "fraud_rate": rate,
            }


def calibration_error(bins: list[CalibrationBin], labelled: int) -> float | None:
    """The mean distance of mean risk and share of frauds over labelled transactions; None where there are none."""
    if not labelled:
        return None
    distance = sum(one["labelled"] * abs(one["mean_risk"] - one["fraud_rate"]) for one in bins)
    return round(distance / labelled, 6)
