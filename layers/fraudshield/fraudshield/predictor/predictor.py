"""Predictors: the model of this process, and the rules that decide where there is none."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from fraudshield.policy.policy import Outcome, most_severe
from fraudshield.predictor.artifact import Model
from fraudshield.predictor.explainer import Explainer
from fraudshield.predictor.feature import ModelFeatures
from fraudshield.predictor.forest import margin, risk
from fraudshield.predictor.prediction import Contribution, Explanation, Prediction, PredictorFacts, Reason
from fraudshield.predictor.reason import reasons
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.transaction import Transaction

RULES_VERSION = "rules-1"
NO_RULE_RISK = 0.01
MONEY_LEAVES = frozenset({"TRANSFER", "CASH_OUT"})


@dataclass(frozen=True, slots=True)
class StandInRule:
    """Fires on a transaction or does not; of those that fire the most severe `outcome` is given.

    `risk` is a constant for clients that read one. It is no probability, and no threshold is compared with it.
    """

    code: str
    outcome: Outcome
    risk: float
    text: str
    fires: Callable[[BuiltInTransaction], bool]

    def holds(self, transaction: Transaction) -> bool:
        """Whether it fires; it reads payments of the built-in type alone."""
        return isinstance(transaction, BuiltInTransaction) and self.fires(transaction)


RULES = (
    StandInRule(
        "account_emptied",
        Outcome.BLOCK,
        0.9,
        "The whole balance of the sender leaves at once",
        lambda t: t.type in MONEY_LEAVES and t.amount == t.oldbalanceOrg > 0,
    ),
    StandInRule(
        "amount_over_balance",
        Outcome.REVIEW,
        0.6,
        "The amount is more than the sender has",
        lambda t: t.type in MONEY_LEAVES and t.amount > t.oldbalanceOrg,
    ),
    StandInRule(
        "large_amount",
        Outcome.REVIEW,
        0.5,
        "200,000 or more leaves at once",  # the limit that the PaySim data set documents for its own flag
        lambda t: t.type in MONEY_LEAVES and t.amount >= Decimal(200_000),
    ),
)


class ModelPredictor:
    """The model in plain Python; it has no state but the tables that explaining fills."""

    degraded: tuple[str, ...] = ()

    def __init__(self, model: Model, loaded_at: datetime) -> None:
        self.model = model
        self.features = model.features
        self.facts = PredictorFacts(
            model_type=model.model_type,
            model_version=model.version,
            feature_columns=model.features.names,
            classes=model.classes,
            loaded_at=loaded_at,
            trained_at=model.trained_at,
            metrics=model.metrics,
            sha256=model.sha256,
            proposed=model.thresholds,
        )

    def predict(self, transaction: Transaction, features: tuple[float, ...]) -> Prediction:  # noqa: ARG002 rules read it
        """The calibrated risk of these features."""
        return Prediction(risk(self.model.cuts, margin(self.model.forest, features)), self.model.version, "model")

    def explain(self, transaction: Transaction, features: tuple[float, ...]) -> Explanation:
        """Exact additive contributions, relative to payments of its category, and the largest of them in words."""
        base, contributions = self._explainer.base, self._explainer.contributions(features)
        if self.model.usual is not None:
            base, contributions = self.model.usual.relative(features, base, contributions)
        shown = self.features.shown(transaction, features)
        return Explanation(
            reasons=reasons(self.features, contributions, shown),
            base=base,
            margin=margin(self.model.forest, features),
            contributions=tuple(map(Contribution, self.features.names, shown, contributions)),
        )

    @cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self.model.forest, len(self.features.names))


class RulePredictor:
    """Stands in for the model; the `source` of its predictions says so."""

    degraded: tuple[str, ...] = ("model_refused",)
    features = ModelFeatures()

    def __init__(self, loaded_at: datetime) -> None:
        self.facts = PredictorFacts(
            model_type="rules",
            model_version=RULES_VERSION,
            feature_columns=(),
            classes=(0, 1),
            loaded_at=loaded_at,
            trained_at=None,
            metrics={},
            sha256=None,
        )

    def predict(self, transaction: Transaction, features: tuple[float, ...]) -> Prediction:  # noqa: ARG002 the model reads them
        """The most severe outcome and the highest risk among the rules that fire, else `NO_RULE_RISK`."""
        fired = [rule for rule in RULES if rule.holds(transaction)]
        risk = max((rule.risk for rule in fired), default=NO_RULE_RISK)
        return Prediction(risk, RULES_VERSION, "rules", most_severe(rule.outcome for rule in fired))

    def explain(self, transaction: Transaction, features: tuple[float, ...]) -> Explanation:  # noqa: ARG002 the model reads them
        """The rules that fired; they add up to nothing, so there are no contributions."""
        fired = (rule for rule in RULES if rule.holds(transaction))
        return Explanation(reasons=tuple(Reason(rule.code, rule.text) for rule in fired))
