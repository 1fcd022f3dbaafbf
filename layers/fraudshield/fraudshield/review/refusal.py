"""Why a verdict cannot be given, or not be undone."""

from fraudshield.errors import Conflict


class ClaimLost(Conflict):
    """Somebody else has claimed the review, or has claimed it since."""

    code = "claim_lost"


class VerdictFinal(Conflict):
    """The time to undo a verdict is over."""

    code = "verdict_final"


class NothingToReview(Conflict):
    """The payment was not flagged, so there is nothing to release or decline."""

    code = "nothing_to_review"
