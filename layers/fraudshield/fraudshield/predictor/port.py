"""The predictor, as scoring uses it."""

from typing import Protocol

from fraudshield.policy.owner import Owners
from fraudshield.predictor.feature import ModelFeatures
from fraudshield.predictor.prediction import Explanation, Prediction, PredictorFacts
from fraudshield.transaction.transaction import Transaction


class Predictor(Protocol):
    """The model, or the rules where there is none. `features` are what it reads of a payment; rules read none."""

    degraded: tuple[str, ...]
    facts: PredictorFacts
    features: ModelFeatures

    def predict(self, transaction: Transaction, features: tuple[float, ...]) -> Prediction | None:
        """The risk of a transaction; None where its event type has no model. Never raises."""

    def explain(self, transaction: Transaction, features: tuple[float, ...]) -> Explanation:
        """The reasons for the risk of a transaction. Never raises."""


class Predictors(Protocol):
    """The predictors in force of all event types."""

    def of(self, owners: Owners) -> Predictor:
        """That of the first of these event types that has one. Never raises."""
