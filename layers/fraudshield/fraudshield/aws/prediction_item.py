"""Predictions as records beside their transaction, and what is read of any of them."""

from datetime import datetime
from typing import TYPE_CHECKING

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
    item: Item = {
        "transaction_id": {"S": posted.transaction_id},
        "record": {"S": record_name(posted)},
        "risk": {"N": format(posted.risk_score, "f")},
        "prediction": {"N": str(posted.prediction)},
        "confidence": {"N": format(posted.confidence, "f")},
        "model_version": {"S": posted.model_version},
        "service_used": {"S": posted.service_used},
        "decided_at": {"S": instant(posted.decided_at or now)},
    }
    return item | {name: transaction[name] for name in ("expires_at",) if name in transaction}


def from_record(item: "Item") -> KeptPrediction:
    """A decided transaction's own item, one that was answered beside it, or a posted one."""
    decided, risk = "outcome" in item, float(item["risk"]["N"])
    first = item["record"]["S"] == TRANSACTION_RECORD
    return KeptPrediction(
        transaction_id=item["transaction_id"]["S"],
        kind="first" if first else "answered" if decided else "posted",
        risk=risk,
        prediction=int(item["prediction"]["N"]),
        confidence=float(item["confidence"]["N"]) if "confidence" in item else round(max(risk, 1 - risk), 4),
        model_version=item["model_version"]["S"],
        service_used=item["service_used"]["S"] if "service_used" in item else item["decision_source"]["S"],
        decided_at=datetime.fromisoformat(item["decided_at"]["S"]),
        outcome=item["outcome"]["S"] if decided else None,
        policy_version=int(item["policy_version"]["N"]) if decided else None,
    )
