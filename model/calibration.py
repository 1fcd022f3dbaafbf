"""From margins to probabilities, and from those to the cut points that serving looks a risk up in."""

from dataclasses import dataclass
from math import log

from sklearn.linear_model import LogisticRegression

from fraudshield.predictor.columns import Booleans, Floats
from fraudshield.predictor.forest import STEPS

DECIMALS = 6  # far below what the sample can tell, far above what two machines' arithmetic can differ by


@dataclass(frozen=True, slots=True)
class Calibration:
    """Platt's: the log-odds of fraud are `slope` times the margin plus `intercept`."""

    slope: float
    intercept: float

    def cuts(self) -> tuple[float, ...]:
        """`STEPS` ascending margins: from the i-th (of 1..) on the probability rounds to i / `STEPS` or more."""
        halves = ((step - 0.5) / STEPS for step in range(1, STEPS + 1))
        return tuple(round((log(p / (1 - p)) - self.intercept) / self.slope, 9) for p in halves)


def calibrated(margins: Floats, fraud: Booleans) -> Calibration:
    """Fitted by maximum likelihood on rows the trees have not seen (Platt 1999; two parameters suit few frauds).

    Raises:
        ValueError: a higher margin does not go with more fraud, so the trees have learnt nothing.
    """
    line = LogisticRegression(C=1e6, solver="newton-cholesky", tol=1e-10).fit(margins.reshape(-1, 1), fraud)
    slope, intercept = float(line.coef_[0, 0]), float(line.intercept_[0])
    if slope <= 0:
        raise ValueError("the model does not rank the calibration rows better than chance: it needs other or more data")
    return Calibration(round(slope, DECIMALS), round(intercept, DECIMALS))
