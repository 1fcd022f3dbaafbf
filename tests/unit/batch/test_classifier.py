"""Files are scored by scikit-learn's own arrays of nodes, filled from the model: bit for bit, nothing unpickled."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from math import inf, nextafter
from pathlib import Path

import numpy as np
import pytest

from fraudshield.batch import classifier
from fraudshield.errors import ModelRefused
from fraudshield.predictor.forest import Tree
from tests.chunk import predictor, walked

ROOT = Path(__file__).parents[3]
MODEL = predictor().model
FIRST, *REST = MODEL.forest.trees

# What loads the margins of a file while the interpreter says which classes are unpickled, and then unpickles one.
PROGRAM = """
import sys
unpickled = []
sys.addaudithook(lambda event, arguments: unpickled.append(arguments) if event == "pickle.find_class" else None)
import functions.batch.tasks, pickle, datetime
from fraudshield.batch import classifier
from tests.chunk import predictor
margins = classifier.margins(predictor().model)
assert len(margins(classifier.probes(predictor().model))) == classifier.PROBES
print(unpickled)
pickle.loads(pickle.dumps(datetime.date(2026, 1, 1)))
print(unpickled)
"""


def test_margins_of_columns_are_those_of_the_walk_to_the_last_bit() -> None:
    rows = np.concatenate([classifier.probes(MODEL), np.random.default_rng(1).normal(size=(500, 8)) * 1e4])
    assert np.isnan(rows).any()
    assert np.array_equal(classifier.margins(MODEL)(rows), walked(rows))
    assert classifier.margins(MODEL)(rows[:0]).shape == (0,)
    assert np.array_equal(classifier.margins(MODEL)(rows[::2]), walked(rows[::2]))


def left_and_right(tree: Tree) -> Tree:
    feature, at, left, right, missing = tree  # type: ignore[misc]
    return feature, at, right, left, missing


def ties(tree: Tree) -> Tree:
    if not isinstance(tree, tuple):
        return tree
    feature, at, left, right, missing = tree
    return feature, nextafter(at, -inf), ties(left), ties(right), missing


def missing(tree: Tree) -> Tree:
    if not isinstance(tree, tuple):
        return tree
    feature, at, left, right, goes_left = tree
    return feature, at, missing(left), missing(right), not goes_left


@pytest.mark.parametrize("change", [left_and_right, ties, missing])
def test_a_library_that_walks_one_tree_otherwise_is_refused(change: Callable[[Tree], Tree]) -> None:
    forest = replace(MODEL.forest, trees=(change(FIRST), *REST))
    with pytest.raises(ModelRefused, match="scikit-learn computes other margins"):
        classifier.compare(classifier.filled(forest), MODEL)


def test_a_baseline_off_by_its_last_bit_is_refused() -> None:
    forest = replace(MODEL.forest, baseline=nextafter(MODEL.forest.baseline, inf))
    with pytest.raises(ModelRefused):
        classifier.compare(classifier.filled(forest), MODEL)


def test_nothing_is_unpickled_to_score_a_file() -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == ["[]", "[('datetime', 'date')]"]
