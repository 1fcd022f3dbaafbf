"""Training: from a dataset to trees, calibration, cut points and proposed thresholds."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from fraudshield.policy.policy import Thresholds
from fraudshield.predictor.columns import Floats, risk
from model.calibration import Calibration, calibrated
from model.dataset import Dataset
from model.threshold import proposed_thresholds

TREES = 100
TREES_A_ROUND = 20  # what one advance of the progress bar stands for
ROUNDS = TREES // TREES_A_ROUND
DECIMALS = 9  # a leaf adds about 0.1: far below any use, far above what two machines' exponentials differ by
FEWEST_FRAUDS = 50

PARAMETERS = {
    "learning_rate": 0.05,
    "max_leaf_nodes": 16,
    "max_depth": 5,  # deeper trees gained nothing on the calibration rows and cost time to walk and to explain
    "min_samples_leaf": 200,  # with one fraud in 800 rows a small leaf is an accident
    "l2_regularization": 10.0,
}


@dataclass(frozen=True, slots=True)
class Trained:
    """A classifier with what turns its margin into a risk and a risk into a first policy."""

    classifier: HistGradientBoostingClassifier
    calibration: Calibration
    cuts: tuple[float, ...]
    thresholds: Thresholds

    def margins(self, features: Floats) -> Floats:
        """`decision_function`, on one thread."""
        return margins(self.classifier, features)

    def risk(self, dataset: Dataset) -> Floats:
        """As it is served."""
        return risk(self.cuts, self.margins(dataset.features()))


def train(dataset: Dataset, advance: Callable[[], object]) -> Trained:
    """Trees from the first 60 % of the time, calibration and thresholds from the next 20 %; the rest stays unseen.

    The same dataset gives the same trees: one thread (sums of floats depend on their order), leaf values rounded.
    `advance` is called `ROUNDS` times.

    Raises:
        ValueError: too few frauds in a part, nothing learnt, or no thresholds that make sense.
    """
    first, second, third = dataset.by_time()
    for name, part in (("training", first), ("calibration", second), ("test", third)):
        if part.fraud.sum() < FEWEST_FRAUDS:
            raise ValueError(f"{part.fraud.sum()} frauds in the {name} rows, at least {FEWEST_FRAUDS} are needed")
    classifier = _fitted(first, advance)
    on_second = margins(classifier, second.features())
    calibration = calibrated(on_second, second.fraud)
    cuts = calibration.cuts()
    return Trained(classifier, calibration, cuts, proposed_thresholds(risk(cuts, on_second), second.fraud))


def margins(classifier: HistGradientBoostingClassifier, features: Floats) -> Floats:
    """`decision_function`, on one thread."""
    with threadpool_limits(1):
        return np.asarray(classifier.decision_function(features), np.float64)


def _fitted(dataset: Dataset, advance: Callable[[], object]) -> HistGradientBoostingClassifier:
    classifier = HistGradientBoostingClassifier(
        **PARAMETERS, early_stopping=False, random_state=0, warm_start=True, max_iter=0
    )
    features = dataset.features()
    for _ in range(ROUNDS):
        classifier.max_iter += TREES_A_ROUND
        with threadpool_limits(1):
            classifier.fit(features, dataset.fraud)
        advance()
    _round_leaves(classifier)
    return classifier


def _round_leaves(classifier: HistGradientBoostingClassifier) -> None:
    """In the classifier itself, so that what is exported and what it predicts stay the same numbers."""
    classifier._baseline_prediction = np.round(classifier._baseline_prediction, DECIMALS)
    for (predictor,) in classifier._predictors:
        leaf = predictor.nodes["is_leaf"].astype(bool)
        predictor.nodes["value"][leaf] = np.round(predictor.nodes["value"][leaf], DECIMALS)
