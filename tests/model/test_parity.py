"""The exported forest against scikit-learn: the same margin, to the last bit."""

from dataclasses import replace
from math import inf, nextafter

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from fraudshield.predictor.artifact import Model
from fraudshield.predictor.columns import Floats
from fraudshield.predictor.forest import Forest, Tree, margin
from tests.model.classifier import awkward_rows, margins

SEED = 41
ROWS = 3_000  # a million in tests/long


@pytest.fixture(scope="module")
def rows(classifier: HistGradientBoostingClassifier) -> Floats:
    return awkward_rows(ROWS, SEED, classifier)


def differing(forest: Forest, classifier: HistGradientBoostingClassifier, rows: Floats) -> int:
    """How many rows have another margin than scikit-learn's, by however little."""
    walked = np.array([margin(forest, row) for row in rows.tolist()])
    return int(np.sum(walked != margins(classifier, rows)))


def test_a_walked_margin_is_scikit_learns_to_the_last_bit(
    classifier: HistGradientBoostingClassifier, model: Model, rows: Floats
) -> None:
    assert np.isnan(rows).any(axis=1).sum() > ROWS // 5
    assert differing(model.forest, classifier, rows) == 0


def test_a_baseline_off_by_its_last_bit_is_noticed(
    classifier: HistGradientBoostingClassifier, model: Model, rows: Floats
) -> None:
    off = replace(model.forest, baseline=nextafter(model.forest.baseline, inf))
    assert differing(off, classifier, rows[:1000]) > 0


def test_a_tie_that_goes_the_other_way_is_noticed(
    classifier: HistGradientBoostingClassifier, model: Model, rows: Floats
) -> None:
    strict = tuple(_ties_reversed(tree) for tree in model.forest.trees)
    assert differing(replace(model.forest, trees=strict), classifier, rows[-1000:]) > 0


def test_a_missing_value_that_goes_the_other_way_is_noticed(
    classifier: HistGradientBoostingClassifier, model: Model, rows: Floats
) -> None:
    other = replace(model.forest, trees=tuple(_missing_reversed(tree) for tree in model.forest.trees))
    assert differing(other, classifier, rows[-1000:]) > 0


def _ties_reversed(tree: Tree) -> Tree:
    if not isinstance(tree, tuple):
        return tree
    feature, at, left, right, missing = tree
    return (feature, nextafter(at, -inf), _ties_reversed(left), _ties_reversed(right), missing)


def _missing_reversed(tree: Tree) -> Tree:
    if not isinstance(tree, tuple):
        return tree
    feature, at, left, right, missing = tree
    return (feature, at, _missing_reversed(left), _missing_reversed(right), not missing)
