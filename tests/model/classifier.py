"""The scikit-learn classifier behind the committed artifact, trained once per recipe and kept beside it."""

import json
from functools import cache
from hashlib import sha256
from pathlib import Path

import joblib
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from fraudshield.columns import Floats
from model.export import ARTIFACT, JOBLIB_FACTS_FILE, JOBLIB_FILE, recipe, write_joblib
from model.pipeline import default_dataset
from model.simulator import transactions
from model.train import train

BATCH = ARTIFACT / "batch"


@cache
def trained_classifier() -> HistGradientBoostingClassifier:
    """Takes about 20 s when the code in model/ or a package has changed since the last time."""
    if not _is_fresh(BATCH):
        write_joblib(BATCH, train(default_dataset(), lambda: None).classifier)
    return joblib.load(BATCH / JOBLIB_FILE)


def _is_fresh(folder: Path) -> bool:
    try:
        facts = json.loads((folder / JOBLIB_FACTS_FILE).read_text(encoding="utf-8"))
        digest = sha256((folder / JOBLIB_FILE).read_bytes()).hexdigest()
    except OSError:
        return False
    return bool(facts["recipe"] == recipe() and facts["sha256"] == digest)


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
