"""A year without a shift: chance alone never crosses the drift alarms' threshold."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

import numpy as np
import pytest

from fraudshield.analytics.drift import ENOUGH, drift
from fraudshield.predictor.artifact import Model
from fraudshield.predictor.columns import Floats
from fraudshield.predictor.forest import margin, risk
from fraudshield.predictor.reference import RISK, Histogram
from model.simulator import transactions
from tests.contract.expanded import properties, template
from tests.faults.harness.load import load_once

HOURS = 365 * 24
SEED = 20_270_101  # other rows than those of the reference
ROWS, KEPT = 200_000, 20_000


@pytest.fixture(scope="module")
def model() -> Model:
    return load_once()


@pytest.fixture(scope="module")
def population(model: Model) -> Mapping[str, tuple[Histogram, Floats]]:
    """Values by the prefix of their counters: of as late a part of the simulation as the reference is of."""
    ledger = transactions(ROWS, SEED)
    start = len(ledger) * 8 // 10
    features = ledger.rows(np.arange(start, start + KEPT)).dataset().features()
    risks = np.array([risk(model.cuts, margin(model.forest, tuple(row))) for row in features.tolist()])
    assert model.reference is not None
    columns = dict(zip(model.reference.histograms, (risks, *features.T), strict=True))
    return {prefix: (one, columns[prefix]) for prefix, one in model.reference.histograms.items()}


def days(population: Mapping[str, tuple[Histogram, Floats]], number: int) -> Iterator[dict[str, Decimal]]:
    """Counters of that many days of as few decisions as are compared, drawn from the population."""
    chance, rows = np.random.default_rng(SEED), len(next(iter(population.values()))[1])
    bins = {prefix: np.searchsorted(one.edges, values, side="left") for prefix, (one, values) in population.items()}
    for _ in range(number):
        drawn, counted = chance.integers(rows, size=ENOUGH), {"decisions": Decimal(ENOUGH)}
        for prefix, numbers in bins.items():
            counts = np.bincount(numbers[drawn])
            counted |= {f"{prefix}.{at}": Decimal(int(count)) for at, count in enumerate(counts)}
        yield counted


def test_a_year_of_hours_without_a_shift_crosses_nothing(
    model: Model, population: Mapping[str, tuple[Histogram, Floats]]
) -> None:
    assert model.reference is not None
    alarms = [properties(template(), name) for name in ("ScoreDriftAlarm", "TrafficDriftAlarm")]
    threshold = min(float(alarm["Threshold"]) for alarm in alarms)
    worst: dict[str, float] = {}
    for counted in days(population, HOURS):
        for name, value in drift(counted, model.reference).items():
            worst[name] = max(value, worst.get(name, 0.0))
    assert worst.keys() == {RISK, *model.reference.features}
    assert max(worst.values()) < threshold / 2
