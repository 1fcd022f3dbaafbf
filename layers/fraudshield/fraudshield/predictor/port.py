"""The predictor, as scoring uses it."""

from typing import Protocol

from fraudshield.predictor.feature import ModelFeatures
from fraudshield.predictor.prediction import Explanation, Prediction, PredictorFacts
from fraudshield.transaction.built_in import BuiltInTransaction


class Predictor(Protocol):
    """The model, or the rules where there is none. `features` are what it reads of a payment; rules read none."""

    degraded: tuple[str, ...]
    facts: PredictorFacts
    features: ModelFeatures

    def predict(self, transaction: BuiltInTransaction, features: tuple[float, ...]) -> Prediction:
        """The risk of a transaction. Never raises."""

    def explain(self, transaction: BuiltInTransaction, features: tuple[float, ...]) -> Explanation:
        """The reasons for the risk of a transaction. Never raises."""
