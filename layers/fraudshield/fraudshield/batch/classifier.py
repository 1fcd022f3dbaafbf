"""The margins of many rows at once: scikit-learn walks its own arrays of nodes, filled from the trees of the model."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from fraudshield.batch.verdict import Margins
from fraudshield.errors import ModelRefused
from fraudshield.predictor.artifact import Model
from fraudshield.predictor.columns import Floats
from fraudshield.predictor.forest import Forest, Tree, margin

PROBES, PROBE_SEED = 256, 20261124
LARGEST_PROBE = 1e6
MISSING_SHARE, TIED_SHARE = 0.1, 0.4  # of a probe's values: no value, and one that a tree tests for


def margins(model: Model) -> Margins:
    """Makes the function that walks all trees over columns; nothing is unpickled for it.

    Raises:
        ModelRefused: on the rows of `probes` the installed scikit-learn, whose arrays are not public, gives other
            margins than the online path.
    """
    found = filled(model.forest)
    compare(found, model)
    return found


def filled(forest: Forest) -> Margins:
    """Makes what `decision_function` computes of the classifier that the trees were exported from, to the last bit."""
    from sklearn.ensemble._hist_gradient_boosting.predictor import (  # noqa: PLC0415 a second for those who score files
        TreePredictor,
    )
    from sklearn.utils._openmp_helpers import _openmp_effective_n_threads  # noqa: PLC0415 as above

    no_categories = np.zeros((0, 8), np.uint32)
    trees = [TreePredictor(nodes(tree), no_categories, no_categories) for tree in forest.trees]
    threads = _openmp_effective_n_threads()

    def total(rows: Floats) -> Floats:
        columns = np.ascontiguousarray(rows, np.float64)
        places, found = np.zeros(columns.shape[1], np.uint32), np.full(len(columns), forest.baseline)
        for tree in trees:
            found += tree.predict(columns, no_categories, places, threads)
        return found

    return total


def nodes(tree: Tree) -> Any:
    """The nodes of a tree as scikit-learn keeps them: an array of records, each before those below it."""
    from sklearn.ensemble._hist_gradient_boosting.common import (  # noqa: PLC0415 as above
        PREDICTOR_RECORD_DTYPE,
    )

    records: list[Any] = []
    _add(tree, records, np.zeros((), PREDICTOR_RECORD_DTYPE))
    return np.array(records)


def _add(tree: Tree, records: list[Any], empty: Any) -> int:
    """Adds a tree's records, and says at which place its root stands."""
    place, record = len(records), empty.copy()
    records.append(record)
    if isinstance(tree, tuple):
        record["feature_idx"], record["num_threshold"], left, right, record["missing_go_to_left"] = tree
        record["left"], record["right"] = _add(left, records, empty), _add(right, records, empty)
    else:
        record["value"], record["is_leaf"] = tree, 1
    return place


def walk(model: Model) -> Margins:
    """Computes margins as the online path does, row by row."""
    return lambda rows: np.array([margin(model.forest, row) for row in rows.tolist()], np.float64)


def compare(found: Margins, model: Model) -> None:
    """Raises ModelRefused where these margins differ from the online path's by so much as a bit."""
    rows = probes(model)
    if not np.array_equal(found(rows), walk(model)(rows)):
        raise ModelRefused("model.json: the installed scikit-learn computes other margins of its trees")


def probes(model: Model) -> Floats:
    """Rows of values at random, of values exactly at a threshold, and of none."""
    rng = np.random.default_rng(PROBE_SEED)
    rows: Floats = rng.random((PROBES, len(model.features.names))) ** 4 * LARGEST_PROBE
    for at, component in enumerate(model.features.components):
        if component.ranks:
            rows[:, at] = rng.choice(list(component.ranks.values()), PROBES)
    for at, thresholds in enumerate(_thresholds(model)):
        chance = rng.random(PROBES)
        if thresholds:
            tied = chance < TIED_SHARE
            rows[tied, at] = rng.choice(thresholds, int(tied.sum()))
        rows[chance > 1 - MISSING_SHARE, at] = np.nan
    return rows


def _thresholds(model: Model) -> Sequence[Sequence[float]]:
    tests = [test for tree in model.forest.trees for test in _tests(tree)]
    return [sorted({at for feature, at in tests if feature == column}) for column in range(len(model.features.names))]


def _tests(tree: Tree) -> Iterator[tuple[int, float]]:
    if isinstance(tree, tuple):
        feature, at, left, right, _ = tree
        yield feature, at
        yield from _tests(left)
        yield from _tests(right)
