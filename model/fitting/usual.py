"""What every feature usually adds to the margin, by category: what reasons are told relative to."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from fraudshield.predictor.explainer import Explainer
from fraudshield.predictor.trees import forest_of
from model.export import model_json
from model.fitting.features import FeatureTable
from model.table.table import Rows

MOST_ROWS = 1_000  # of a value, spread evenly over the time: what means are of, to a hundredth of their spread
FEWEST_ROWS = 30  # of fewer a mean says nothing, and the value keeps its reasons relative to all payments
DECIMALS = 6


def usual_contributions(
    classifier: HistGradientBoostingClassifier, features: FeatureTable, train: Rows
) -> Mapping[str, Any] | None:
    """For the manifest: by each value of the first feature that is a category. None where no feature is one."""
    named = [(at, one) for at, one in enumerate(features.entries) if one.ranks]
    if not named:
        return None
    at, entry = named[0]
    explainer = Explainer(forest_of(model_json(classifier), len(features.entries)), len(features.entries))
    ranks = features.values[train, at]
    means = {}
    for value, rank in entry.ranks.items():
        rows = train[ranks == rank]
        if len(rows) < FEWEST_ROWS:
            continue
        some = rows[np.linspace(0, len(rows) - 1, min(MOST_ROWS, len(rows))).astype(np.int64)]
        each = [explainer.contributions(row) for row in features.values[some].tolist()]
        means[value] = np.round(np.mean(each, axis=0), DECIMALS).tolist()
    return {"feature": entry.name, "contributions": means}
