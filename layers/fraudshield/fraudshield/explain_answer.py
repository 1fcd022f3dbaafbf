"""An explanation as a client reads it: every feature's share of one decision."""

from typing_extensions import TypedDict

from fraudshield.answer import ReasonObject, reason_object
from fraudshield.decision import ScoredTransaction
from fraudshield.features import FEATURE_NAMES
from fraudshield.prediction import Explanation


class FeatureShare(TypedDict):
    """What one feature added to the margin."""

    feature: str
    value: float
    contribution: float


class ExplainAnswer(TypedDict):
    """Why: `base` plus all contributions is the margin (log-odds before calibration). Rules have none of the three.

    `explained_by` is the model that explains now; `model_version` the one that decided, which may be an older one.
    """

    transaction_id: str
    risk: float
    decision: str
    decision_source: str
    model_version: str
    policy_version: int
    explained_by: str
    reasons: list[ReasonObject]
    base: float | None
    margin: float | None
    contributions: list[FeatureShare]
    service: str
    request_id: str


def explained(scored: ScoredTransaction, why: Explanation, explained_by: str, request_id: str) -> ExplainAnswer:
    """A decision with every feature's share of it."""
    shares = zip(FEATURE_NAMES, scored.features, why.contributions, strict=True) if why.contributions else ()
    decision = scored.decision
    conditions = [reason for reason in decision.reasons if reason.feature is None and reason not in why.reasons]
    return {
        "transaction_id": decision.transaction_id,
        "risk": decision.risk,
        "decision": decision.outcome.value,
        "decision_source": decision.source,
        "model_version": decision.model_version,
        "policy_version": decision.policy_version,
        "explained_by": explained_by,
        "reasons": [reason_object(reason) for reason in (*conditions, *why.reasons)],
        "base": why.base,
        "margin": why.margin,
        "contributions": [
            {"feature": name, "value": value, "contribution": contribution} for name, value, contribution in shares
        ],
        "service": "model",
        "request_id": request_id,
    }
