from math import log

import numpy as np
import pytest

from fraudshield.errors import InvalidInput
from fraudshield.predictor import columns
from model.calibration import Calibration
from model.drift import deciles, histogram
from model.fitting.platt import platt


@pytest.mark.parametrize("step", [1, 2, 5000, 9999, 10_000])
def test_a_cut_lies_where_the_probability_rounds_up_to_its_step(step: int) -> None:
    calibration = Calibration(1.25, -0.5)
    cut = calibration.cuts()[step - 1]
    probability = 1 / (1 + np.exp(-(1.25 * cut - 0.5)))
    assert probability * 10_000 == pytest.approx(step - 0.5, abs=1e-4)


def test_cuts_ascend_and_are_finite() -> None:
    cuts = np.array(Calibration(1.04, 0.16).cuts())
    assert len(cuts) == 10_000
    assert np.isfinite(cuts).all()
    assert (np.diff(cuts) > 0).all()


def test_log_odds_of_a_half_are_where_risk_is_a_half() -> None:
    calibration = Calibration(2.0, log(3))
    assert columns.risk(calibration.cuts(), np.array([-log(3) / 2])).tolist() == [0.5]


def test_a_histogram_holds_every_value_once() -> None:
    found = histogram(np.array([0.0, 0.0, 1.0, 2.0, 5.0]), np.array([0.0, 2.0]))
    assert found.shares == (0.4, 0.4, 0.2)


def test_deciles_of_repeated_values_are_not_repeated() -> None:
    assert deciles(np.array([0.0] * 8 + [1.0, 2.0])).tolist() == [0.0, 1.0]
    assert deciles(np.zeros(5)).tolist() == []


def test_calibration_finds_the_line_that_the_frauds_were_drawn_from() -> None:
    rng = np.random.default_rng(5)
    margins = rng.normal(-4, 2, 200_000)
    fraud = rng.random(len(margins)) < 1 / (1 + np.exp(-(0.8 * margins + 0.5)))
    found = platt(margins, fraud, np.ones(len(margins)), None)
    assert (found.slope, found.intercept) == pytest.approx((0.8, 0.5), abs=0.05)


def test_a_margin_that_ranks_upside_down_is_not_calibrated() -> None:
    rng = np.random.default_rng(5)
    margins = rng.normal(0, 1, 10_000)
    fraud = rng.random(10_000) < 1 / (1 + np.exp(margins + 2))
    with pytest.raises(InvalidInput, match="no better than chance"):
        platt(margins, fraud, np.ones(10_000), None)
