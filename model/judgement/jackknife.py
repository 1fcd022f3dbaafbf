"""Intervals by incident: what a measure would be without some incidents or accounts, a group of them at a time.

Payments of one theft are alike, so leaving out rows would make believe that there is more to go by than there is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, isfinite, log, sqrt

import numpy as np
from numpy.typing import NDArray

from fraudshield.backtest.student import t_quantile
from fraudshield.predictor.columns import Booleans, Floats

GROUPS = 60  # each incident is one where there are fewer; of more some are left out together
SURE = 0.975
FEWEST = 6  # incidents; of fewer no interval is told
Groups = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bounds:
    """A measure and what it lies between with 95 %; no bounds where there is too little to tell."""

    value: float
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        if not isfinite(self.value):
            return "-"
        if self.low is None or self.high is None:
            return f"{self.value:.4g}"
        return f"{self.value:.4g} [{self.low:.4g}, {self.high:.4g}]"

    @property
    def plain(self) -> dict[str, float | None]:
        """For the manifest, to four digits."""
        each = {"value": self.value, "low": self.low, "high": self.high}
        return {name: float(f"{one:.4g}") if one is not None and isfinite(one) else None for name, one in each.items()}


@dataclass(frozen=True, slots=True, eq=False)
class LeaveOut:
    """Which group each row is left out with; `incidents` are those with fraud."""

    group: Groups
    groups: int
    incidents: int

    @classmethod
    def of(cls, incident: Sequence[str | None], account: Sequence[str | None], fraud: Booleans) -> "LeaveOut":
        """Rows of one incident go together, others with their account, what has neither alone.

        Incidents with fraud are dealt out to the groups one by one, the others likewise.
        """
        names = [one or two or str(at) for at, (one, two) in enumerate(zip(incident, account, strict=True))]
        known: dict[str, int] = {}
        of = np.fromiter((known.setdefault(name, len(known)) for name in names), np.int64, len(names))
        defrauded = np.bincount(of, weights=fraud, minlength=len(known)) > 0
        incidents = int(defrauded.sum())
        groups = max(2, min(GROUPS, incidents))
        shuffled = np.random.default_rng(0).permutation(len(known))
        dealt = np.empty(len(known), np.int64)
        for some in (defrauded, ~defrauded):
            members = shuffled[some[shuffled]]
            dealt[members] = np.arange(len(members)) % groups
        return cls(dealt[of], groups, incidents)

    def bounds(self, measure: Callable[[Floats], Mapping[str, float]], weight: Floats) -> dict[str, Bounds]:
        """Each of the measures of rows with these weights. Ratios end with `_over_observed`; the others are shares."""
        whole = measure(weight)
        without = [measure(np.where(self.group == one, 0.0, weight)) for one in range(self.groups)]
        return {name: self._bounds(name, value, [one[name] for one in without]) for name, value in whole.items()}

    def _bounds(self, name: str, value: float, without: Sequence[float]) -> Bounds:
        if self.incidents < FEWEST or not np.isfinite([value, *without]).all():
            return Bounds(value)
        if is_ratio := name.endswith("_over_observed"):
            if min(value, *without) <= 0:
                return Bounds(value)
            without = [log(one) for one in without]
        mean = sum(without) / len(without)
        spread = sum((one - mean) ** 2 for one in without) * (self.groups - 1) / self.groups
        reach = t_quantile(SURE, self.groups - 1) * sqrt(spread)
        if is_ratio:
            return Bounds(value, value * exp(-reach), value * exp(reach))
        least = -1.0 if name.endswith("_gain") else 0.0
        return Bounds(value, max(least, value - reach), min(1.0, value + reach))
