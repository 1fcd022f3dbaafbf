"""Expert rules: what decides when there is no model to ask. Each carries the risk it stands for.

The constants are not probabilities of anything measured. They are placed so that the default thresholds
(review 0.5, block 0.9) review what is large or impossible and block an account being emptied.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from fraudshield.prediction import Explanation, Prediction, PredictorFacts, Reason
from fraudshield.transaction import Transaction

RULES_VERSION = "rules-1"
NO_RULE_RISK = 0.01
MONEY_LEAVES = frozenset({"TRANSFER", "CASH_OUT"})


@dataclass(frozen=True, slots=True)
class Rule:
    """Fires or not; `risk` is answered when it is the highest that fired."""

    code: str
    risk: float
    text: str
    fires: Callable[[Transaction], bool]


RULES = (
    Rule(
        "account_emptied",
        0.9,
        "The whole balance of the sender leaves at once",
        lambda t: t.type in MONEY_LEAVES and t.amount == t.oldbalanceOrg > 0,
    ),
    Rule(
        "amount_over_balance",
        0.6,
        "The amount is more than the sender has",
        lambda t: t.type in MONEY_LEAVES and t.amount > t.oldbalanceOrg,
    ),
    Rule(
        "large_amount",
        0.5,
        "200,000 or more leaves at once",  # the limit that the PaySim data set documents for its own flag
        lambda t: t.type in MONEY_LEAVES and t.amount >= Decimal(200_000),
    ),
)


class RulePredictor:
    """Stands in for the model: same port, `source` says so."""

    degraded: tuple[str, ...] = ("model_refused",)

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

    def predict(self, transaction: Transaction, features: tuple[float, ...]) -> Prediction:  # noqa: ARG002 the port's
        """The highest risk among the rules that fire, else `NO_RULE_RISK`."""
        risk = max((rule.risk for rule in RULES if rule.fires(transaction)), default=NO_RULE_RISK)
        return Prediction(risk, RULES_VERSION, "rules")

    def explain(self, transaction: Transaction, features: tuple[float, ...]) -> Explanation:  # noqa: ARG002 the port's
        """The rules that fired; they add up to nothing, so there are no contributions."""
        fired = (rule for rule in RULES if rule.fires(transaction))
        return Explanation(reasons=tuple(Reason(rule.code, rule.text) for rule in fired))
