"""The trained model behind the `Predictor` port: walk, look the risk up, explain when asked."""

from datetime import datetime
from functools import cached_property

from fraudshield.artifact import Model
from fraudshield.explainer import Explainer
from fraudshield.forest import margin
from fraudshield.prediction import Explanation, Prediction, PredictorFacts
from fraudshield.reasons import reasons
from fraudshield.risk import risk
from fraudshield.transaction import Transaction


class ModelPredictor:
    """Pure Python, no state but the tables that explaining fills as it goes."""

    degraded: tuple[str, ...] = ()

    def __init__(self, model: Model, loaded_at: datetime) -> None:
        self.model = model
        self.facts = PredictorFacts(
            model_type=model.model_type,
            model_version=model.version,
            feature_columns=model.feature_names,
            classes=model.classes,
            loaded_at=loaded_at,
            trained_at=model.trained_at,
            metrics=model.metrics,
            sha256=model.sha256,
        )

    def predict(self, transaction: Transaction, features: tuple[float, ...]) -> Prediction:  # noqa: ARG002 rules read it
        """The calibrated risk of these features."""
        return Prediction(risk(self.model.cuts, margin(self.model.forest, features)), self.model.version, "model")

    def explain(self, transaction: Transaction, features: tuple[float, ...]) -> Explanation:  # noqa: ARG002 rules read it
        """Exact additive contributions, and the largest of them in words."""
        contributions = self._explainer.contributions(features)
        return Explanation(
            reasons=reasons(contributions, features),
            base=self._explainer.base,
            margin=margin(self.model.forest, features),
            contributions=contributions,
        )

    @cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self.model.forest)
