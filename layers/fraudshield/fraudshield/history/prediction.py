"""Predictions that came after the first decision: as they are sent, and as a client reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from fraudshield.errors import Fault, InvalidInput
from fraudshield.policy.policy import OutcomeName
from fraudshield.text.fault import json_object, read_object
from fraudshield.text.json_text import Number
from fraudshield.text.number import exact, whole
from fraudshield.text.pattern import NO_CONTROLS
from fraudshield.text.query import PageQuery
from fraudshield.text.schema import Bit, Moment
from fraudshield.text.timestamp import timestamp
from fraudshield.transaction.transaction import Instant, StoredTransactionId

CLOCK_SKEW = timedelta(minutes=5)  # as a transaction's
Probability = Annotated[
    Decimal, BeforeValidator(exact), Field(ge=0, le=1), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})
]
Label = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64, pattern=NO_CONTROLS)]
PredictionKind = Literal["first", "answered", "posted"]


def _bit(value: object) -> object:
    if isinstance(value, bool):  # which Python takes for 0 or 1
        raise PydanticCustomError("literal_error", "Input should be 0 or 1")
    return whole(value)


class PostedPrediction(BaseModel):
    """A prediction as it is sent. Without `decided_at` it is from when it first came."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    transaction_id: StoredTransactionId
    risk_score: Probability
    prediction: Annotated[Literal[0, 1], BeforeValidator(_bit)]
    confidence: Probability
    model_version: Label
    service_used: Label
    decided_at: Instant | None = None

    def digest(self) -> str:
        """Returns 16 hex digits over all fields: the same prediction is the same record, however often it is sent."""
        return blake2b(self.model_dump_json().encode(), digest_size=8).hexdigest()


class PredictionRequest(BaseModel):
    """The prediction to keep."""

    model_config = ConfigDict(extra="forbid")

    prediction: PostedPrediction


class PredictionsQuery(PageQuery):
    """The transaction whose predictions are listed."""

    transaction_id: StoredTransactionId


@dataclass(frozen=True, slots=True)
class KeptPrediction:
    """A prediction about a transaction: its `first` decision, one `answered` beside it, or one that was `posted`."""

    transaction_id: str
    kind: PredictionKind
    risk: float | Decimal | None
    prediction: int
    confidence: float | Decimal | None
    model_version: str | None
    service_used: str
    decided_at: datetime
    outcome: str | None = None
    policy_version: int | None = None


def read_prediction(body: object, now: datetime) -> PostedPrediction:
    """Reads `{"prediction": {...}}`, or the bare object.

    Raises:
        Malformed: not an object.
        InvalidInput: with a fault per field.
    """
    found = json_object(body, "a prediction")
    wrapped = isinstance(found.get("prediction"), dict)
    pointer = "/prediction" if wrapped else ""
    said = "a prediction", "The prediction is not valid", "invalid_prediction"
    sent = (
        read_object(found, PredictionRequest, *said).prediction
        if wrapped
        else read_object(found, PostedPrediction, *said)
    )
    if sent.decided_at is not None and sent.decided_at - now > CLOCK_SKEW:
        detail = f"Input should not lie ahead of now, found {sent.decided_at}"
        raise InvalidInput(
            "The prediction is not valid",
            [Fault(f"{pointer}/decided_at", detail, "ahead_of_now")],
            code="invalid_prediction",
        )
    return sent


class PredictionEntry(TypedDict):
    """One prediction. `kind` is `first` (the decision that stands), `answered` (another that was given) or `posted`.

    `decision` and `policy_version` are null where a prediction decided nothing; risk, confidence and model where no
    model did.
    """

    transaction_id: str
    kind: PredictionKind
    risk_score: float | Number | None
    prediction: Bit
    confidence: float | Number | None
    model_version: str | None
    service_used: str
    decision: OutcomeName | None
    policy_version: int | None
    decided_at: Moment


class PredictionsResponse(TypedDict):
    """A page of one transaction's predictions, newest first, its first decision last."""

    predictions: list[PredictionEntry]
    count: int
    next_cursor: str | None


def predictions_response(found: Sequence[KeptPrediction], next_cursor: str | None) -> PredictionsResponse:
    """A page as the API shows it."""
    return {"predictions": [prediction_entry(one) for one in found], "count": len(found), "next_cursor": next_cursor}


def prediction_entry(one: KeptPrediction) -> PredictionEntry:
    """A prediction as the API shows it."""
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
