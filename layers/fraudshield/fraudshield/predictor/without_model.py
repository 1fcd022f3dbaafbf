"""What stands where an event type has no model, and a single predictor where it goes with `payment` alone."""

from dataclasses import dataclass
from datetime import UTC, datetime

from fraudshield.event_type.payment import NAME
from fraudshield.policy.owner import PAYMENT, Owners
from fraudshield.predictor.feature import ModelFeatures
from fraudshield.predictor.port import Predictor
from fraudshield.predictor.prediction import Explanation, Prediction, PredictorFacts
from fraudshield.transaction.transaction import Transaction

UNREAD = "model_unread"


@dataclass(slots=True)
class WithoutModel:
    """Predicts nothing: the policy's rules decide alone. `degraded` says where a model in force could not be read."""

    degraded: tuple[str, ...] = ()
    features = ModelFeatures()
    facts = PredictorFacts("none", "", (), (0, 1), datetime.fromtimestamp(0, UTC), None, {}, None)

    def predict(self, transaction: Transaction, features: tuple[float, ...]) -> Prediction | None:  # noqa: ARG002 the port's
        """None."""
        return None

    def explain(self, transaction: Transaction, features: tuple[float, ...]) -> Explanation:  # noqa: ARG002 the port's
        """Nothing."""
        return Explanation(())


NO_MODEL: Predictor = WithoutModel()
UNREAD_MODEL: Predictor = WithoutModel((UNREAD,))


@dataclass(frozen=True, slots=True)
class OnePredictor:
    """The `Predictors` port of one event type's predictor; other types have none."""

    predictor: Predictor
    event_type: str = NAME

    def of(self, owners: Owners = PAYMENT) -> Predictor:
        """It, where it is of one of these types."""
        return self.predictor if self.event_type in owners else NO_MODEL
