import numpy as np
import pytest

from fraudshield.predictor.columns import Booleans, Floats
from model.judgement.jackknife import LeaveOut


def world(seed: int, incidents: int) -> tuple[list[str | None], list[str], Booleans, Booleans]:
    """Incidents of 1 to 12 frauds each, of which one is found with all others or not at all, among honest accounts."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 13, incidents)
    found = np.repeat(rng.random(incidents) < 0.6, sizes)
    names: list[str | None] = [f"i{one}" for one in np.repeat(np.arange(incidents), sizes)]
    honest = 500
    fraud = np.r_[np.ones(len(found), np.bool_), np.zeros(honest, np.bool_)]
    accounts = [f"a{at}" for at in range(len(fraud))]
    return names + [None] * honest, accounts, fraud, np.r_[found, np.zeros(honest, np.bool_)]


def recall_within(seed: int, incidents: int, *, by_row: bool) -> bool:
    names, accounts, fraud, found = world(seed, incidents)
    leave_out = LeaveOut.of([None] * len(names) if by_row else names, accounts, fraud)

    def measures(weight: Floats) -> dict[str, float]:
        return {"recall": float(np.sum(weight * found) / np.sum(weight * fraud))}

    bounds = leave_out.bounds(measures, np.ones(len(fraud)))["recall"]
    assert bounds.low is not None
    assert bounds.high is not None
    return bounds.low <= 0.6 <= bounds.high


@pytest.mark.parametrize("incidents", [12, 40, 150])
def test_intervals_by_incident_hold_what_they_promise_and_those_by_payment_do_not(incidents: int) -> None:
    worlds = 120
    held = {
        by_row: sum(recall_within(seed, incidents, by_row=by_row) for seed in range(worlds)) for by_row in (True, False)
    }
    assert held[False] >= 0.9 * worlds
    assert held[True] <= 0.8 * worlds


def test_of_few_incidents_no_interval_is_told() -> None:
    names, accounts, fraud, found = world(1, 4)
    bounds = LeaveOut.of(names, accounts, fraud).bounds(
        lambda weight: {"recall": float(np.sum(weight * found))}, np.ones(len(fraud))
    )["recall"]
    assert (bounds.low, bounds.high) == (None, None)


def test_a_ratio_lies_between_bounds_above_nothing() -> None:
    names, accounts, fraud, _ = world(2, 30)
    leave_out = LeaveOut.of(names, accounts, fraud)
    risk = np.where(fraud, 0.5, 0.01)

    def measures(weight: Floats) -> dict[str, float]:
        return {"all_over_observed": float(np.sum(weight * risk) / np.sum(weight * fraud))}

    bounds = leave_out.bounds(measures, np.ones(len(fraud)))["all_over_observed"]
    assert bounds.low is not None
    assert bounds.high is not None
    assert 0 < bounds.low < bounds.value < bounds.high
