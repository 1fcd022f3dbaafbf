"""What the prediction routes answer."""

from collections.abc import Sequence

from typing_extensions import TypedDict

from fraudshield.later_prediction import KeptPrediction
from fraudshield.timestamp import timestamp


class PredictionEntry(TypedDict):
    """One prediction. `kind` is `first` (the decision that stands), `answered` (another that was given) or `posted`.

    `decision` and `policy_version` are null where a prediction decided nothing.
    """

    transaction_id: str
    kind: str
    risk_score: float
    prediction: int
    confidence: float
    model_version: str
    service_used: str
    decision: str | None
    policy_version: int | None
    decided_at: str


class PredictionsAnswer(TypedDict):
    """A page of one transaction's predictions, newest first, its first decision last."""

    predictions: list[PredictionEntry]
    count: int
    next_cursor: str | None


def predictions_answer(found: Sequence[KeptPrediction], next_cursor: str | None) -> PredictionsAnswer:
    """The envelope of a page."""
    return {"predictions": [prediction_entry(one) for one in found], "count": len(found), "next_cursor": next_cursor}


def prediction_entry(one: KeptPrediction) -> PredictionEntry:
    """A prediction as it is answered."""
    return {
        "transaction_id": one.transaction_id,
        "kind": one.kind,
        "risk_score": one.risk,
        "prediction": one.prediction,
        "confidence": one.confidence,
        "model_version": one.model_version,
        "service_used": one.service_used,
        "decision": one.outcome,
        "policy_version": one.policy_version,
        "decided_at": timestamp(one.decided_at),
    }
