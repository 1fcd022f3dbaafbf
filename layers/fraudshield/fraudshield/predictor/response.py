"""The model information, as the response has it."""

from typing_extensions import TypedDict

from fraudshield.policy.policy import Thresholds
from fraudshield.predictor.prediction import PredictorFacts
from fraudshield.text.schema import Moment
from fraudshield.text.timestamp import timestamp


class ProposedThresholds(TypedDict):
    """From which risk on a model would have transactions reviewed and blocked."""

    review: float
    block: float


class ModelInfo(TypedDict):
    """The model, or the rules, that this process predicts by.

    `proposed_thresholds` were found in its training. They decide nothing until a policy has them.
    """

    model_type: str
    model_version: str
    feature_columns: list[str]
    n_features: int
    classes: list[int]
    loaded_at: Moment
    trained_at: Moment | None
    metrics: dict[str, object]
    sha256: str | None
    proposed_thresholds: ProposedThresholds | None


def model_info(facts: PredictorFacts) -> ModelInfo:
    """The facts about a predictor, as the response has them."""
    return {
        "model_type": facts.model_type,
        "model_version": facts.model_version,
        "feature_columns": list(facts.feature_columns),
        "n_features": len(facts.feature_columns),
        "classes": list(facts.classes),
        "loaded_at": timestamp(facts.loaded_at),
        "trained_at": facts.trained_at,
        "metrics": dict(facts.metrics),
        "sha256": facts.sha256,
        "proposed_thresholds": _thresholds(facts.proposed),
    }


def _thresholds(proposed: Thresholds | None) -> ProposedThresholds | None:
    return None if proposed is None else {"review": float(proposed.review), "block": float(proposed.block)}
