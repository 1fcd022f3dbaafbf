"""Predictions as records beside their transaction, and what is read of any of them."""

from datetime import datetime
from typing import TYPE_CHECKING

from fraudshield.aws.record import attributes, from_attributes
from fraudshield.aws.transaction_item import TRANSACTION_RECORD
from fraudshield.later_prediction import KeptPrediction, PostedPrediction
from fraudshield.timestamp import instant

if TYPE_CHECKING:
    from fraudshield.aws.attribute import Item

PREDICTION_RECORDS = "prediction#"


def record_name(posted: PostedPrediction) -> str:
    """The sort key: made of what was sent alone, so that the same prediction never stands twice."""
    when = "posted" if posted.decided_at is None else instant(posted.decided_at)
    return f"{PREDICTION_RECORDS}{when}#{posted.digest()}"


def to_record(posted: PostedPrediction, transaction: "Item", now: datetime) -> "Item":
    """A posted prediction; it ages out with its transaction."""
    values = {
        "transaction_id": posted.transaction_id,
        "record": record_name(posted),
        "risk": posted.risk_score,
        "prediction": posted.prediction,
        "confidence": posted.confidence,
        "model_version": posted.model_version,
        "service_used": posted.service_used,
        "decided_at": instant(posted.decided_at or now),
    }
    kept = {name: transaction[name] for name in ("expires_at",) if name in transaction}
    return attributes(values) | kept


def from_record(item: "Item") -> KeptPrediction:
    """A decided transaction's own item, one that was answered beside it, or a posted one."""
    stored = from_attributes(item)
    decided, risk = "outcome" in stored, float(stored["risk"])
    first = stored["record"] == TRANSACTION_RECORD
    return KeptPrediction(
        transaction_id=stored["transaction_id"],
        kind="first" if first else "answered" if decided else "posted",
        risk=risk,
        prediction=int(stored["prediction"]),
        confidence=float(stored["confidence"]) if "confidence" in stored else round(max(risk, 1 - risk), 4),
        model_version=stored["model_version"],
        service_used=stored["service_used"] if "service_used" in stored else stored["decision_source"],
        decided_at=datetime.fromisoformat(stored["decided_at"]),
        outcome=stored["outcome"] if decided else None,
        policy_version=int(stored["policy_version"]) if decided else None,
    )
