"""What a predictor gives: a risk, the reasons on demand, and facts about itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from fraudshield.policy.policy import Outcome, Thresholds
from fraudshield.predictor.forest import STEPS

PredictionSource = Literal["model", "rules"]


@dataclass(frozen=True, slots=True)
class Prediction:
    """`risk` is 0..1 in steps of 1/10000: the calibrated probability of fraud, or a rule's constant.

    `outcome` is what the rules give; of the model's it is None, since the policy's thresholds decide.
    """

    risk: float
    model_version: str
    source: PredictionSource
    outcome: Outcome | None = None

    @property
    def steps(self) -> int:
        """The risk in its steps."""
        return round(self.risk * STEPS)


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for fraud: a stable code, a sentence, and for a model's reason the feature behind it.

    `contribution` is what the feature added to the model's margin (log-odds before calibration); 0 for rules
    and policy conditions, which decide by themselves. `value` is an amount as it was sent where the feature is one.
    """

    code: str
    text: str
    feature: str | None = None
    value: float | Decimal | None = None
    contribution: float = 0.0


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a feature added to the margin, and its value as it is shown; None where it is missing."""

    feature: str
    value: float | Decimal | None
    contribution: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why: `base` plus the sum of `contributions` (in the order that the model reads features) is the margin.

    A predictor without a margin (the rules) leaves all three empty.
    """

    reasons: tuple[Reason, ...]
    base: float | None = None
    margin: float | None = None
    contributions: tuple[Contribution, ...] = ()


@dataclass(frozen=True, slots=True)
class PredictorFacts:
    """The predictor itself. `metrics` is as the training wrote it, with its protocol.

    `proposed` are the thresholds that the training found for a policy; None where there was none.
    """

    model_type: str
    model_version: str
    feature_columns: tuple[str, ...]
    classes: tuple[int, ...]
    loaded_at: datetime
    trained_at: str | None
    metrics: Mapping[str, object]
    sha256: str | None
    proposed: Thresholds | None = None
