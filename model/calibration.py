"""From margins to probabilities, and from those to the cut points that serving looks a risk up in."""

from dataclasses import dataclass
from math import log

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
