"""A request to explain a decision, and its response."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, RootModel, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from fraudshield.errors import Malformed, NotFound
from fraudshield.event_type.payment import NAME
from fraudshield.event_type.port import EventTypes
from fraudshield.policy.policy import OutcomeName
from fraudshield.predictor.prediction import Explanation, PredictionSource
from fraudshield.scoring.decision import ScoredTransaction
from fraudshield.scoring.response import ReasonObject, reason_object
from fraudshield.scoring.scoring import Scorer
from fraudshield.text.json_text import Number
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.reader import EVENT_TYPE, EventTypeName, reader_of
from fraudshield.transaction.transaction import StoredTransactionId, Transaction

TRANSACTION_ID: TypeAdapter[str] = TypeAdapter(StoredTransactionId)


class ExplainSentRequest(BaseModel):
    """A transaction, which is scored again and not kept."""

    model_config = ConfigDict(extra="forbid")

    transaction: BuiltInTransaction


class ExplainTypedRequest(BaseModel):
    """A transaction of the event type that it names."""

    model_config = ConfigDict(extra="forbid")

    event_type: EventTypeName
    transaction: dict[str, Any]


class ExplainStoredRequest(BaseModel):
    """The id of a stored transaction."""

    model_config = ConfigDict(extra="forbid")

    transaction_id: StoredTransactionId


class ExplainRequest(RootModel[ExplainSentRequest | ExplainTypedRequest | ExplainStoredRequest]):
    """Either a transaction or the id of a stored one."""


@dataclass(frozen=True, slots=True)
class ExplainCommand:
    """The transaction, or the id of the stored one, that is to be explained."""

    about: Transaction | str

    def find(self, scorer: Scorer) -> ScoredTransaction:
        """The decision to explain. Raises NotFound, StoreUnavailable."""
        if not isinstance(self.about, str):
            return scorer.decide([self.about])[0]
        stored = scorer.store.find(self.about)
        if stored is None:
            raise NotFound("No decided transaction is stored under this transaction_id")
        return stored


def read_explain_request(body: object, types: EventTypes) -> ExplainCommand:
    """`{"transaction": {...}}`, with `event_type` where it is not `payment`, or `{"transaction_id": "..."}`.

    Raises:
        Malformed: neither, both, or something else beside them.
        InvalidInput: the transaction has faults.
        UnknownEventType, StoreUnavailable: as `reader_of`.
    """
    if not isinstance(body, dict) or len(body.keys() - {EVENT_TYPE}) != 1:
        raise Malformed("Expected an object with either transaction or transaction_id")
    if "transaction" in body:
        read = reader_of(body.get(EVENT_TYPE, NAME), types)
        return ExplainCommand(read(body["transaction"], "/transaction"))
    if EVENT_TYPE in body:
        raise Malformed("event_type goes with transaction: a stored one has its own")
    try:
        return ExplainCommand(TRANSACTION_ID.validate_python(body.get("transaction_id")))
    except ValidationError as exc:
        raise Malformed("Expected transaction, or transaction_id as a text of 1 to 128 characters") from exc


class FeatureShare(TypedDict):
    """What one feature added to the margin; its value is null where it has none for this payment."""

    feature: str
    value: float | Number | None
    contribution: float


class ExplainResponse(TypedDict):
    """Why: `base` plus all contributions is the margin (log-odds before calibration). Rules have none of the three.

    `explained_by` is the model that explains now; `model_version` the one that decided, which may be an older one.
    Where no model goes with the event type both are null, as `risk` is.
    """

    transaction_id: str
    risk: float | None
    decision: OutcomeName
    decision_source: PredictionSource
    model_version: str | None
    policy_version: int
    explained_by: str | None
    reasons: list[ReasonObject]
    base: float | None
    margin: float | None
    contributions: list[FeatureShare]
    service: str
    request_id: str


def explain_response(
    scored: ScoredTransaction, why: Explanation, explained_by: str | None, request_id: str
) -> ExplainResponse:
    """A decision with every feature's share of its margin."""
    decision = scored.decision
    conditions = [reason for reason in decision.reasons if reason.feature is None and reason not in why.reasons]
    return {
        "transaction_id": decision.transaction_id,
        "risk": decision.risk,
        "decision": decision.outcome.value,
        "decision_source": decision.source,
        "model_version": decision.model_version,
        "policy_version": decision.policy_version,
        "explained_by": explained_by if decision.model_version else None,
        "reasons": [reason_object(reason) for reason in (*conditions, *why.reasons)],
        "base": why.base,
        "margin": why.margin,
        "contributions": [
            {"feature": one.feature, "value": one.value, "contribution": one.contribution} for one in why.contributions
        ],
        "service": "model",
        "request_id": request_id,
    }
