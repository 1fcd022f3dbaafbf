"""Gradient-boosted trees: how many and of which shape is found on the rows to tune by, and on no others.

The same rows give the same trees: one thread (sums of floats depend on their order), a fixed sample, leaves rounded.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from fraudshield.predictor.columns import Booleans, Floats

DECIMALS = 9  # far below any use, far above what two machines' exponentials differ by
MOST_TREES = 300
PATIENCE = 15  # trees without a gain on the rows to tune by
SEARCHED_ROWS = 60_000  # genuine ones, weighted up, that shapes are compared on; all frauds are
GENUINE_PER_FRAUD = 100  # genuine rows beyond so many for each fraud add time and hardly a bit of knowledge


@dataclass(frozen=True, slots=True)
class Shape:
    """The parameters of trees that are searched over."""

    learning_rate: float
    max_leaf_nodes: int
    max_depth: int  # at most 8 features on a path: each has a bit of a leaf's byte in explaining
    min_samples_leaf: int
    l2_regularization: float


SHAPES = (
    Shape(0.1, 8, 4, 50, 10.0),
    Shape(0.1, 16, 6, 50, 10.0),
    Shape(0.05, 16, 6, 100, 10.0),
    Shape(0.1, 31, 8, 100, 30.0),
)


@dataclass(frozen=True, slots=True, eq=False)
class Rowset:
    """Rows by features with their truth, and how many payments each stands for."""

    features: Floats
    fraud: Booleans
    weight: Floats


@dataclass(frozen=True, slots=True)
class Grown:
    """Trees, and how they came about: each shape that was tried with its loss on the rows to tune by."""

    classifier: HistGradientBoostingClassifier
    shape: Shape
    tried: tuple[tuple[Shape, int, float], ...]

    @property
    def parameters(self) -> dict[str, Any]:
        """For the manifest."""
        return {"trees": len(self.classifier._predictors), **asdict(self.shape)}

    def margins(self, features: Floats) -> Floats:
        """The log-odds before calibration, on one thread."""
        with threadpool_limits(1):
            return np.asarray(self.classifier.decision_function(features), np.float64)


def grown(
    train: Rowset,
    tune: Rowset,
    monotone: list[int],
    advance: Callable[[], object],
    shapes: Sequence[Shape] = SHAPES,
    most_trees: int = MOST_TREES,
) -> Grown:
    """The trees of the shape that loses least on the rows to tune by. `advance` is called once a shape, and once more.

    Where there are many genuine rows for each fraud some stand for the others.
    """
    few, few_tune = sampled(train, SEARCHED_ROWS), sampled(tune, SEARCHED_ROWS)
    tried = []
    for shape in shapes:
        classifier, loss = _fitted(shape, few, few_tune, monotone, most_trees)
        tried.append((shape, len(classifier._predictors), loss))
        advance()
    best = min(tried, key=lambda one: one[2])[0]
    classifier, _ = _fitted(best, enough_of(train), tune, monotone, most_trees)
    _as_exported(classifier)
    advance()
    return Grown(classifier, best, tuple(tried))


def of_shape(shape: Shape, train: Rowset, tune: Rowset, monotone: list[int]) -> HistGradientBoostingClassifier:
    """The trees of one shape, without a search: for what a model is compared with."""
    return _fitted(shape, enough_of(train), tune, monotone)[0]


def enough_of(rows: Rowset) -> Rowset:
    """All frauds, and as many genuine rows as there is something to learn from."""
    return sampled(rows, max(SEARCHED_ROWS, GENUINE_PER_FRAUD * int(rows.fraud.sum())))


def sampled(rows: Rowset, genuine: int) -> Rowset:
    """All frauds and so many genuine rows, which stand for the others of their kind too."""
    others = np.flatnonzero(~rows.fraud)
    if len(others) <= genuine:
        return rows
    kept = np.sort(np.random.default_rng(0).choice(others, genuine, replace=False))
    weight = rows.weight.copy()
    weight[kept] *= rows.weight[others].sum() / rows.weight[kept].sum()
    which = np.sort(np.concatenate([kept, np.flatnonzero(rows.fraud)]))
    return Rowset(rows.features[which], rows.fraud[which], weight[which])


def _fitted(
    shape: Shape, train: Rowset, tune: Rowset, monotone: list[int], most_trees: int = MOST_TREES
) -> tuple[HistGradientBoostingClassifier, float]:
    """As many trees as lose least on the rows to tune by, and that loss."""
    classifier = HistGradientBoostingClassifier(
        **asdict(shape),
        monotonic_cst=monotone,
        early_stopping=True,
        n_iter_no_change=PATIENCE,
        tol=0.0,
        random_state=0,
        max_iter=most_trees,
    )
    with threadpool_limits(1):
        classifier.fit(
            train.features,
            train.fraud,
            sample_weight=train.weight,
            X_val=tune.features,
            y_val=tune.fraud,
            sample_weight_val=tune.weight,
        )
    scores = np.asarray(classifier.validation_score_, np.float64)
    best = max(1, int(np.argmax(scores)))
    del classifier._predictors[best:]
    return classifier, float(-scores[best])


def _as_exported(classifier: HistGradientBoostingClassifier) -> None:
    """Leaves are rounded, and tests for a missing value get a finite threshold, as JSON has no infinity.

    In the classifier itself, so that what is exported and what it predicts stay the same numbers.
    """
    classifier._baseline_prediction = np.round(classifier._baseline_prediction, DECIMALS)
    for (predictor,) in classifier._predictors:
        leaf = predictor.nodes["is_leaf"].astype(bool)
        predictor.nodes["value"][leaf] = np.round(predictor.nodes["value"][leaf], DECIMALS)
        thresholds = predictor.nodes["num_threshold"]
        predictor.nodes["num_threshold"] = np.minimum(thresholds, np.finfo(np.float64).max)
