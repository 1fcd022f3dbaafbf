"""Writes tests/data/shap_200.json: what the `shap` package says of 200 rows. Run it after the model has changed:

python -m venv /tmp/shap && /tmp/shap/bin/pip install shap pydantic joblib scikit-learn==1.9.1
PYTHONPATH=.:layers/fraudshield /tmp/shap/bin/python -m tests.model.make_shap_200
"""

import json
from hashlib import sha256
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from fraudshield.predictor.columns import Floats
from model.export import ARTIFACT
from tests.model.classifier import awkward_rows, trained_classifier

FILE = Path(__file__).parents[1] / "data" / "shap_200.json"
ROWS = 200


def chosen_rows(classifier: HistGradientBoostingClassifier) -> Floats:
    """The 100 riskiest of 20,000, and 100 others of which half have odd values."""
    rows = awkward_rows(20_000, 47, classifier)
    riskiest = np.argsort(-classifier.decision_function(rows), kind="stable")[: ROWS // 2]
    return np.concatenate([rows[riskiest], rows[:50], rows[-50:]])


def shap_values(classifier: HistGradientBoostingClassifier, rows: Floats) -> tuple[float, Floats]:
    """Base and contributions by `shap.TreeExplainer`, path dependent."""
    import shap  # not among the requirements: 600 MB

    explainer = shap.TreeExplainer(classifier, feature_perturbation="tree_path_dependent")
    return float(np.ravel(explainer.expected_value)[0]), np.asarray(explainer.shap_values(rows))


def main() -> None:
    """Overwrites the file."""
    classifier = trained_classifier()
    rows = chosen_rows(classifier)
    base, contributions = shap_values(classifier, rows)
    lines = ",\n".join(_line(*pair) for pair in zip(rows.tolist(), contributions.tolist(), strict=True))
    digest = sha256((ARTIFACT / "model" / "model.json").read_bytes()).hexdigest()
    FILE.write_text(f'{{"model_json_sha256":"{digest}",\n"base":{base!r},\n"rows":[\n{lines}\n]}}\n', encoding="utf-8")


def _line(features: list[float], contributions: list[float]) -> str:
    row: dict[str, Any] = {"features": [None if isnan(v) else v for v in features], "contributions": contributions}
    return json.dumps(row, separators=(",", ":"), allow_nan=False)


if __name__ == "__main__":
    main()
