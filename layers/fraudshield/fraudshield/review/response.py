"""The responses of reviews."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, NotRequired, get_args

from typing_extensions import TypedDict

from fraudshield.errors import Conflict, Fault, FraudShieldError, InvalidInput
from fraudshield.label.label import Truth
from fraudshield.result import Result
from fraudshield.review.review import (
    Claim,
    Review,
    ReviewStateName,
    ReviewVerdict,
    VerdictName,
    Verdicts,
    verdict_in_force,
)
from fraudshield.text.fault import FaultObject, fault_object
from fraudshield.text.schema import Moment, one_of
from fraudshield.text.timestamp import timestamp

SHOWN_VERDICTS = 100
VerdictWord = Annotated[str, one_of(*get_args(VerdictName))]
LabelWord = Annotated[str, one_of(*get_args(Truth))]


class ReviewObject(TypedDict):
    """How far a review is. `due_at` where the policy says within what time it should be decided."""

    state: Annotated[str, one_of(*get_args(ReviewStateName))]
    verdict: NotRequired[VerdictWord]
    verdict_id: NotRequired[str]
    closed_at: NotRequired[Moment]
    undo_until: NotRequired[Moment]
    claimed_until: NotRequired[Moment]
    due_at: NotRequired[Moment]


class VerdictObject(TypedDict):
    """A verdict; `undone_at` where it was undone, `actor` who the bearer of the key said to be."""

    verdict_id: str
    verdict: VerdictWord
    label: LabelWord | None
    reason: str | None
    note: str | None
    given_at: Moment
    by: str
    actor: NotRequired[str]
    undo_until: Moment
    undone_at: Moment | None


class VerdictResponse(TypedDict):
    """The verdict that stands, null where none does, and the last hundred that there were, newest first."""

    status: Annotated[str, one_of("success")]
    message: str
    transaction_id: str
    verdict: VerdictObject | None
    history: list[VerdictObject]


class VerdictResult(TypedDict):
    """What became of one of several verdicts: its `verdict`, or null and why."""

    transaction_id: str | None
    status: Annotated[str, one_of("success", "failed")]
    verdict: VerdictObject | None
    error: NotRequired[str]
    code: NotRequired[str]
    errors: NotRequired[list[FaultObject]]


class VerdictsResponse(TypedDict):
    """A result for each verdict, in the order in which they were sent."""

    results: list[VerdictResult]


class ClaimResponse(TypedDict):
    """Until when the review is kept for the bearer of the claim; it is theirs no more where that is now."""

    status: Annotated[str, one_of("success")]
    transaction_id: str
    claim: str
    claimed_until: Moment


class ReleaseResponse(TypedDict):
    """The review is there for the next who asks."""

    status: Annotated[str, one_of("success")]
    message: str
    transaction_id: str


def review_object(review: Review, now: datetime, within: timedelta | None) -> ReviewObject | None:
    """A review as a transaction's answer has it; None where there is none: it was approved, or not decided."""
    if not review.is_flagged:
        return None
    shown: ReviewObject = {"state": review.state(now)}
    if (last := review.in_force) is not None:
        shown["verdict"], shown["verdict_id"] = last.said.verdict, last.verdict_id
        shown["closed_at"], shown["undo_until"] = timestamp(last.given_at), timestamp(last.final_at)
    if shown["state"] == "claimed" and review.claim is not None:
        shown["claimed_until"] = timestamp(review.claim.claimed_until)
    if within is not None and review.outcome == "review" and review.decided_at is not None:
        shown["due_at"] = timestamp(review.decided_at + within)
    return shown


def verdict_response(transaction_id: str, verdicts: Verdicts) -> VerdictResponse:
    """A payment's verdicts as they are now."""
    now = verdict_in_force(verdicts)
    newest = sorted(verdicts, key=lambda one: one.given_at, reverse=True)
    return {
        "status": "success",
        "message": f"The verdict is {now.said.verdict}" if now else "No verdict stands",
        "transaction_id": transaction_id,
        "verdict": verdict_object(now) if now else None,
        "history": [verdict_object(one) for one in newest[:SHOWN_VERDICTS]],
    }


def verdict_object(one: ReviewVerdict) -> VerdictObject:
    """A verdict as the API shows it."""
    shown: VerdictObject = {
        "verdict_id": one.verdict_id,
        "verdict": one.said.verdict,
        "label": one.said.label,
        "reason": one.said.reason,
        "note": one.said.note,
        "given_at": timestamp(one.given_at),
        "by": one.by,
        "undo_until": timestamp(one.final_at),
        "undone_at": timestamp(one.undone_at) if one.undone_at else None,
    }
    if one.actor:
        shown["actor"] = one.actor
    return shown


def verdict_result(transaction_id: str | None, done: Verdicts | FraudShieldError) -> VerdictResult:
    """What became of one of several verdicts."""
    if not isinstance(done, FraudShieldError):
        now = verdict_in_force(done)
        verdict = verdict_object(now) if now else None
        return {"transaction_id": transaction_id, "status": "success", "verdict": verdict}
    failed: VerdictResult = {
        "transaction_id": transaction_id,
        "status": "failed",
        "verdict": None,
        "error": str(done),
        "code": done.code,
    }
    faults = done.faults if isinstance(done, InvalidInput) else ()
    failed["errors"] = [fault_object(one) for one in faults or (Fault("", str(done), done.code),)]
    return failed


def verdicts_result(done: Sequence[Verdicts | FraudShieldError]) -> Result:
    """How it went as a whole: done where any was."""
    if any(not isinstance(one, FraudShieldError) for one in done):
        return Result.DONE
    return Result.ALL_CONFLICTING if all(isinstance(one, Conflict) for one in done) else Result.ALL_FAILED


def claim_response(transaction_id: str, claim: Claim) -> ClaimResponse:
    """A claim that holds again."""
    return {
        "status": "success",
        "transaction_id": transaction_id,
        "claim": claim.token,
        "claimed_until": timestamp(claim.claimed_until),
    }


def release_response(transaction_id: str) -> ReleaseResponse:
    """A claim that was given back."""
    return {"status": "success", "message": "The claim was given back", "transaction_id": transaction_id}


def claimed_fields(claim: Claim) -> Mapping[str, Any]:
    """What a claimed review has beside the payment."""
    return {"claim": claim.token, "claimed_until": timestamp(claim.claimed_until)}
