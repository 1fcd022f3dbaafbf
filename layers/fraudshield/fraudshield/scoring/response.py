"""The response to a request to score: decisions as JSON objects."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, NotRequired

from typing_extensions import TypedDict

from fraudshield.aggregate.response import AggregateObject, shown_aggregates
from fraudshield.errors import Fault, StoreUnavailable, TransactionConflict
from fraudshield.policy.order import STEPS, RuleState
from fraudshield.policy.policy import OutcomeName
from fraudshield.predictor.prediction import PredictionSource, Reason
from fraudshield.result import Result
from fraudshield.scoring.decision import SECOND_FORM, Decision
from fraudshield.scoring.request import Rejected
from fraudshield.scoring.scoring import DecisionResult
from fraudshield.text.fault import FaultObject, fault_object
from fraudshield.text.json_text import Number
from fraudshield.text.schema import Bit, Moment, one_of
from fraudshield.text.timestamp import timestamp
from fraudshield.transaction.transaction import Transaction

STORE_MISSED = (StoreUnavailable.code,)


class ReasonObject(TypedDict):
    """Why a transaction was flagged: a stable code, a sentence, and for a feature its share of the margin."""

    code: str
    text: str
    feature: str | None
    value: float | Number | None
    contribution: float


class RuleEntry(TypedDict):
    """A rule that held, or could not be evaluated: then `why` says what was missing.

    `overruled`: it held, and another outcome was decided all the same. `counted_as`: what it gave though it was not
    evaluated, as its `otherwise` says; without that it gave nothing. `text_with_values` is made when it is read.
    """

    code: str
    outcome: OutcomeName
    state: Annotated[str, one_of("held", "not_evaluated")]
    why: NotRequired[str]
    overruled: NotRequired[bool]
    counted_as: NotRequired[OutcomeName]
    text_with_values: NotRequired[str]


class Entry(TypedDict):
    """One transaction's result. `risk` is the calibrated probability of fraud; null where `error` says why.

    It is null too where no model goes with the event type: then the policy's conditions decide alone.
    """

    transaction_id: str | None
    risk: float | None
    prediction: Bit | None
    confidence: float | None
    decision: OutcomeName | None
    reasons: list[ReasonObject]
    reasons_pending: NotRequired[bool]
    model_version: str | None
    policy_version: int | None
    decision_source: PredictionSource | None
    degraded: list[str]
    quality: list[str]
    velocity: NotRequired[dict[str, Number]]
    decided_by: NotRequired[Annotated[str, one_of(*STEPS)] | None]
    rules: NotRequired[list[RuleEntry]]
    aggregates: NotRequired[dict[str, AggregateObject]]
    rates_version: NotRequired[int]
    control_share: NotRequired[float]
    event_type: NotRequired[str]
    event_type_version: NotRequired[int]
    event_type_digest: NotRequired[str]
    decided_at: Moment | None
    persisted: bool
    test: NotRequired[bool]
    error: NotRequired[str]
    errors: NotRequired[list[FaultObject]]


class ScoreResponse(TypedDict):
    """The envelope of the results of a request."""

    results: list[Entry]
    processed_at: Moment
    service: str
    model_version: str
    request_id: str


def score_response(
    items: Sequence[Transaction | Rejected],
    results: Sequence[DecisionResult | TransactionConflict],
    model_version: str,
    now: datetime,
    request_id: str,
) -> ScoreResponse:
    """The envelope with one entry per item, in the order sent."""
    return {
        "results": list(entries(items, results)),
        "processed_at": timestamp(now),
        "service": "model",
        "model_version": model_version,
        "request_id": request_id,
    }


def score_result(response: ScoreResponse) -> Result:
    """How the request went: done when any entry has a decision."""
    codes = [one["errors"][0]["code"] if "error" in one else "" for one in response["results"]]
    if not all(codes):
        return Result.DONE
    return Result.ALL_CONFLICTING if set(codes) == {TransactionConflict.code} else Result.ALL_FAILED


def entries(
    items: Sequence[Transaction | Rejected], results: Sequence[DecisionResult | TransactionConflict]
) -> Iterator[Entry]:
    """One entry per item as it was sent; `results` belong to the readable ones, in order."""
    remaining = iter(results)
    for i, item in enumerate(items):
        if isinstance(item, Rejected):
            yield _failed(item.transaction_id, "The transaction is not valid", item.faults)
            continue
        result = next(remaining)
        if isinstance(result, TransactionConflict):
            fault = Fault(f"/transactions/{i}/transaction_id", str(result), result.code)
            yield _failed(item.transaction_id, str(result), [fault])
            continue
        found = entry(result.decision, result.persisted, STORE_MISSED if result.parked else ())
        if result.test:
            found["test"] = True
        yield found


def entry(decision: Decision, persisted: bool, missed: tuple[str, ...] = ()) -> Entry:
    """A decision as the response has it; the same decision always gives the same bytes.

    `missed` is what was missing when it was to be stored, and is no part of the decision.
    """
    found: Entry = {
        "transaction_id": decision.transaction_id,
        "risk": decision.risk,
        "prediction": decision.prediction,
        "confidence": decision.confidence,
        "decision": decision.outcome.value,
        "reasons": [reason_object(reason) for reason in decision.reasons],
        "model_version": decision.model_version,
        "policy_version": decision.policy_version,
        "decision_source": decision.source,
        "degraded": [*decision.degraded, *missed],
        "quality": list(decision.quality),
        "decided_at": timestamp(decision.decided_at),
        "persisted": persisted,
    }
    if decision.reasons_pending:
        found["reasons_pending"] = True
    if decision.velocity:
        found["velocity"] = dict(decision.velocity)
    if decision.form > SECOND_FORM:
        found["decided_by"] = decision.decided_by
    if decision.rules:
        found["rules"] = [_rule(state) for state in decision.rules]
    if decision.aggregates:
        found["aggregates"] = shown_aggregates(decision.aggregates)
    if decision.control_share is not None:
        found["control_share"] = decision.control_share
    if decision.rates_version:
        found["rates_version"] = decision.rates_version
    if (by := decision.event_type) is not None:
        found["event_type"], found["event_type_version"], found["event_type_digest"] = by.name, by.version, by.digest
    return found


def _rule(state: RuleState) -> RuleEntry:
    found: RuleEntry = {"code": state.code, "outcome": state.outcome.value, "state": state.state}
    if state.why:
        found["why"] = state.why
    if state.overruled:
        found["overruled"] = True
    if state.counted:
        found["counted_as"] = state.counted.value
    return found


def reason_object(reason: Reason) -> ReasonObject:
    """A reason as the response has it."""
    return {
        "code": reason.code,
        "text": reason.text,
        "feature": reason.feature,
        "value": reason.value,
        "contribution": reason.contribution,
    }


def _failed(transaction_id: str | None, error: str, faults: Sequence[Fault]) -> Entry:
    return {
        "transaction_id": transaction_id,
        "risk": None,
        "prediction": None,
        "confidence": None,
        "decision": None,
        "decided_by": None,
        "reasons": [],
        "model_version": None,
        "policy_version": None,
        "decision_source": None,
        "degraded": [],
        "quality": [],
        "decided_at": None,
        "persisted": False,
        "error": error,
        "errors": [fault_object(fault) for fault in faults],
    }
