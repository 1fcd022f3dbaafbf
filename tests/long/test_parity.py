"""A million rows: the same margin and the same risk by the online walk and by scikit-learn with columns."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from fraudshield.predictor import columns
from fraudshield.predictor.artifact import Model
from fraudshield.predictor.forest import margin, risk
from tests.model.classifier import awkward_rows, margins

pytestmark = pytest.mark.long


def test_a_million_margins_and_risks_are_equal_to_the_last_bit(
    classifier: HistGradientBoostingClassifier, model: Model
) -> None:
    rows = awkward_rows(1_000_000, 43, classifier)
    expected = margins(classifier, rows)
    walked = [margin(model.forest, row) for row in rows.tolist()]
    assert np.array_equal(walked, expected)
    assert [risk(model.cuts, m) for m in walked] == columns.risk(model.cuts, expected).tolist()
