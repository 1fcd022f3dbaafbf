"""The scikit-learn classifier behind the committed artifact, trained once per recipe and kept beside it."""

from functools import cache

import joblib
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from fraudshield.predictor.columns import Floats
from model.classifier import ensure
from model.simulator import transactions


@cache
def trained_classifier() -> HistGradientBoostingClassifier:
    """Takes about 20 s when the code in model/ or a package has changed since the last time."""
    return joblib.load(ensure())


def margins(classifier: HistGradientBoostingClassifier, features: Floats) -> Floats:
    """`decision_function`, on one thread."""
    with threadpool_limits(1):
        return np.asarray(classifier.decision_function(features), np.float64)


def awkward_rows(size: int, seed: int, classifier: HistGradientBoostingClassifier) -> Floats:
    """Simulated features; half of the rows have one value in four exactly at a threshold and one in ten missing."""
    features = transactions(round(size * 1.01), seed).dataset().features()[:size]
    rng = np.random.default_rng(seed)
    odd = rng.random(features.shape)
    odd[: size // 2] = 1.0
    for column, thresholds in enumerate(_thresholds(classifier)):
        tied = (odd[:, column] < 0.25) & (len(thresholds) > 0)
        features[tied, column] = rng.choice(thresholds, int(tied.sum()))
        features[(odd[:, column] > 0.25) & (odd[:, column] < 0.35), column] = np.nan
    return features


def _thresholds(classifier: HistGradientBoostingClassifier) -> list[Floats]:
    nodes = np.concatenate([predictor.nodes for (predictor,) in classifier._predictors])
    inner = nodes[nodes["is_leaf"] == 0]
    return [inner["num_threshold"][inner["feature_idx"] == column] for column in range(classifier.n_features_in_)]
