"""Contributions on many rows, and against the `shap` package itself where it is installed."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from fraudshield.predictor.artifact import Model
from fraudshield.predictor.explainer import Explainer
from fraudshield.predictor.forest import margin
from tests.model.classifier import awkward_rows
from tests.model.make_shap_200 import chosen_rows, shap_values

pytestmark = pytest.mark.long


def test_base_and_contributions_add_up_to_ten_thousand_margins(
    classifier: HistGradientBoostingClassifier, model: Model
) -> None:
    explainer = Explainer(model.forest, len(model.features.names))
    rows = awkward_rows(10_000, 53, classifier).tolist()
    gaps = [abs(explainer.base + sum(explainer.contributions(row)) - margin(model.forest, row)) for row in rows]
    assert max(gaps) < 1e-9


def test_contributions_are_those_of_the_installed_shap_package(
    classifier: HistGradientBoostingClassifier, model: Model
) -> None:
    pytest.importorskip("shap", reason="shap is not installed (600 MB): only its recorded values were compared")
    rows = chosen_rows(classifier)
    base, expected = shap_values(classifier, rows)
    explainer = Explainer(model.forest, len(model.features.names))
    assert explainer.base == pytest.approx(base, abs=1e-6)
    found = np.array([explainer.contributions(row) for row in rows.tolist()])
    assert np.abs(found - expected).max() < 1e-6
