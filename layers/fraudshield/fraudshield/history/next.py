"""The response that hands out the next payment to be reviewed."""

from collections.abc import Mapping
from typing import Any

from typing_extensions import TypedDict

from fraudshield.history.listing import ListedTransaction, ListRow, listed
from fraudshield.history.queue import ReviewQueue
from fraudshield.text.schema import Moment


class NextReview(ListedTransaction):
    """A payment as the queue lists it, and the claim on it: whoever sends that in `X-Claim` may decide it."""

    claim: str
    claimed_until: Moment


class NextResponse(TypedDict):
    """The review that was claimed, null where there is none; how many more wait, at least so many with `left_more`."""

    review: NextReview | None
    left: int
    left_more: bool


def next_response(queue: ReviewQueue, given: tuple[ListRow, Mapping[str, Any]] | None) -> NextResponse:
    """The claimed payment with its claim, beside how many more were seen to wait."""
    review: Any = None if given is None else {**listed(given[0]), **given[1]}
    left = queue.left - (given is not None and any(row is given[0] for row in queue.first.rows))
    return {"review": review, "left": left, "left_more": queue.is_more}
