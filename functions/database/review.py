"""Reviews: the next payment to be decided, held for whoever asked; their verdict; and what was closed, in order."""

import time
from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response

from fraudshield.api.openapi import documented
from fraudshield.api.path import TransactionIdPath
from fraudshield.api.request import author, claim, held_claim, json_body, query, scope
from fraudshield.api.response import json_response
from fraudshield.budget import REQUEST_S, WRITES_STOP_S
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.errors import Malformed
from fraudshield.history import wiring as history_wiring
from fraudshield.history.next import NextResponse, next_response
from fraudshield.history.queue import ReviewQueue, queue_query
from fraudshield.label import wiring as label_wiring
from fraudshield.review import wiring as review_wiring
from fraudshield.review.claiming import claim_next
from fraudshield.review.closed import ClosedResponse, closed_response
from fraudshield.review.deciding import decide, decide_each, take_back
from fraudshield.review.refusal import ClaimLost, NothingToReview, VerdictFinal
from fraudshield.review.request import (
    ClosedQuery,
    NextRequest,
    VerdictRequest,
    VerdictsRequest,
    as_parameters,
    of_body,
    read_next,
    read_verdict,
    read_verdicts,
)
from fraudshield.review.response import (
    ClaimResponse,
    ReleaseResponse,
    VerdictResponse,
    VerdictsResponse,
    claim_response,
    claimed_fields,
    release_response,
    verdict_response,
    verdict_result,
    verdicts_result,
)

router = APIRouter()

ANALYST, SCORE = Depends(scope("analyst")), Depends(scope("score"))
REVIEW = "/reviews/{transaction_id:segment}"
CLAIM = ("X-Claim",)
CLOSED = {"list": "closed reviews"}


@router.post("/reviews/next", dependencies=[ANALYST], **documented(NextResponse, NextRequest))
async def following(request: Request) -> Response:
    """Claim the dearest review that nobody has, for 15 minutes. Not even the same key is given it again meanwhile."""
    stop_at = time.monotonic() + WRITES_STOP_S
    asked = read_next(await json_body(request))
    try:
        queue = ReviewQueue(history_wiring.transaction_list(), queue_query(as_parameters(asked.filters)))
    except Malformed as exc:
        raise of_body(exc) from exc
    claimed = claim_next(review_wiring.reviews(), queue, set(asked.after_skipping), stop_at)
    given = None if claimed is None else (claimed.row, claimed_fields(claimed.claim))
    return json_response(next_response(queue, given))


@router.post(
    "/reviews/verdicts", dependencies=[ANALYST], **documented(VerdictsResponse, VerdictsRequest, ("422", "409"))
)
async def verdicts(request: Request) -> Response:
    """Give up to a hundred verdicts, each with the claim on it where somebody has one; each counts or fails alone."""
    stop_at = time.monotonic() + REQUEST_S
    listed, by = read_verdicts(await json_body(request)), author(request)
    done = decide_each(review_wiring.reviews(), label_wiring.labels(), listed, by, stop_at)
    results = [verdict_result(one.transaction_id, was) for one, was in zip(listed, done, strict=True)]
    return json_response({"results": results}, verdicts_result(done))


@router.get("/reviews", dependencies=[SCORE], **documented(ClosedResponse, query=ClosedQuery))
async def closed(request: Request) -> Response:
    """List closed reviews in the order of closing, each verdict once, when nobody can undo it any more."""
    asked = query(request, ClosedQuery)
    cursors = dynamo_wiring.cursors()
    opened = [] if asked.closed_after is None else cursors.open(CLOSED, asked.closed_after)
    position = [str(one) for one in opened] if isinstance(opened, list) else []
    page = review_wiring.closings().after(position, asked.limit, datetime.now(UTC))
    return json_response(closed_response(page.reviews, asked.limit, cursors.seal(CLOSED, list(page.position))))


@router.post(
    f"{REVIEW}/claim",
    dependencies=[ANALYST],
    **documented(ClaimResponse, raises=(Malformed, ClaimLost, NothingToReview), sends=CLAIM),
)
async def extend(request: Request, transaction_id: TransactionIdPath) -> Response:
    """Hold a review for another 15 minutes; the claim is in `X-Claim`."""
    held = review_wiring.reviews().extend(transaction_id, held_claim(request))
    return json_response(claim_response(transaction_id, held))


@router.delete(
    f"{REVIEW}/claim",
    dependencies=[ANALYST],
    **documented(ReleaseResponse, raises=(Malformed, ClaimLost, NothingToReview), sends=CLAIM),
)
async def release(request: Request, transaction_id: TransactionIdPath) -> Response:
    """Give a review back; the claim is in `X-Claim`."""
    review_wiring.reviews().release(transaction_id, held_claim(request))
    return json_response(release_response(transaction_id))


@router.post(
    f"{REVIEW}/verdict",
    dependencies=[ANALYST],
    **documented(VerdictResponse, VerdictRequest, raises=(ClaimLost, NothingToReview), sends=CLAIM),
)
async def give(request: Request, transaction_id: TransactionIdPath) -> Response:
    """Release or decline a flagged payment; what stood before is replaced and stays in the history."""
    stop_at = time.monotonic() + REQUEST_S
    said, token, by = read_verdict(await json_body(request)), claim(request), author(request)
    given = decide(review_wiring.reviews(), label_wiring.labels(), transaction_id, said, token, by, stop_at)
    return json_response(verdict_response(transaction_id, given))


@router.delete(
    f"{REVIEW}/verdict",
    dependencies=[ANALYST],
    **documented(VerdictResponse, raises=(Malformed, ClaimLost, VerdictFinal), sends=CLAIM),
)
async def undo(request: Request, transaction_id: TransactionIdPath) -> Response:
    """Undo the verdict that stands, and the label that came with it, within 30 seconds."""
    stop_at, token, by = time.monotonic() + REQUEST_S, claim(request), author(request)
    left = take_back(review_wiring.reviews(), label_wiring.labels(), transaction_id, token, by, stop_at)
    return json_response(verdict_response(transaction_id, left))


@router.get(f"{REVIEW}/verdict", dependencies=[ANALYST], **documented(VerdictResponse))
async def history(transaction_id: TransactionIdPath) -> Response:
    """List the verdict that stands, and all that there were."""
    return json_response(verdict_response(transaction_id, review_wiring.reviews().find(transaction_id).verdicts))
