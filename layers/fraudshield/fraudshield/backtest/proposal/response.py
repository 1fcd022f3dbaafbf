"""Proposed thresholds as they are answered: the draft, and what it goes by."""

from datetime import datetime
from typing import Annotated, Any

from typing_extensions import TypedDict

from fraudshield.backtest.proposal.service import ThresholdProposal
from fraudshield.policy.versioning.response import VersionResponse, version_response
from fraudshield.text.schema import one_of


class RecalibrationObject(TypedDict):
    """Platt's two parameters on the log-odds of the stored risk, by the labels that are known."""

    slope: float
    intercept: float


class ProposalObject(TypedDict):
    """What the proposal goes by, and what it would have done of it.

    `payments` were looked at, `sampled` is the share of all that they are, `left_out` those of another model. Reviews
    and blocks are shares of payments, and so many a day. `block_from` says what the block threshold goes by: labels,
    the one in force where labels say too little, or nothing where they say that most of what it blocks is genuine.
    """

    model_version: str
    payments: int
    sampled: float
    left_out: int
    budget: float
    review_share: float
    block_share: float
    reviews_a_day: float
    blocks_a_day: float
    block_from: Annotated[str, one_of("labels", "in_force", "nothing")]
    frauds: int
    genuine: int
    recalibration: RecalibrationObject | None


class ProposalResponse(VersionResponse):
    """A draft, which decides nothing, and what it goes by."""

    proposal: ProposalObject


def proposal_response(made: ThresholdProposal, at: datetime) -> dict[str, Any]:
    """The draft in full with its proposal."""
    found = made.found
    again = found.recalibration
    proposal: ProposalObject = {
        "model_version": made.model_version,
        "payments": found.payments,
        "sampled": round(made.share, 4),
        "left_out": made.left_out,
        "budget": round(made.budget, 6),
        "review_share": round(found.reviewed, 6),
        "block_share": round(found.blocked, 6),
        "reviews_a_day": round(found.reviewed * made.per_day, 1),
        "blocks_a_day": round(found.blocked * made.per_day, 1),
        "block_from": found.block_from,
        "frauds": found.frauds,
        "genuine": found.genuine,
        "recalibration": None if again is None else {"slope": again.slope, "intercept": again.intercept},
    }
    return version_response(made.draft, at) | {"proposal": proposal}
