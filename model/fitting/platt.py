"""Calibration with weights, and for traffic in which fraud is rarer or more frequent than in the file."""

from math import log

import numpy as np
from sklearn.linear_model import LogisticRegression

from fraudshield.errors import InvalidInput
from fraudshield.predictor.columns import Booleans, Floats
from model.calibration import DECIMALS, Calibration


def platt(margins: Floats, fraud: Booleans, weight: Floats, prior: float | None) -> Calibration:
    """Platt's two parameters, by maximum likelihood on rows that the trees have not seen.

    With a `prior` the log-odds are moved by as much as that differs from the rows' own share of fraud.

    Raises:
        InvalidInput: a higher margin does not go with more fraud, so the trees have learnt nothing.
    """
    line = LogisticRegression(C=1e6, solver="newton-cholesky", tol=1e-10)
    line.fit(margins.reshape(-1, 1), fraud, sample_weight=weight)
    slope, intercept = float(line.coef_[0, 0]), float(line.intercept_[0])
    if slope <= 0:
        says = "it ranks the rows to calibrate on no better than chance; expected other features, or more payments"
        raise InvalidInput(f"The model has learnt nothing: {says}", code="nothing_learnt")
    if prior is not None:
        share = float(np.average(fraud, weights=weight))
        intercept += _log_odds(prior) - _log_odds(share)
    return Calibration(round(slope, DECIMALS), round(intercept, DECIMALS))


def _log_odds(share: float) -> float:
    return log(share / (1 - share))
