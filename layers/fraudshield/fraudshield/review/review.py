"""A review: who has a flagged payment before them, which verdicts they gave, and which of those stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from fraudshield.budget import FUNCTION_S
from fraudshield.label.label import TICK, Truth
from fraudshield.review.refusal import ClaimLost, VerdictFinal
from fraudshield.text.timestamp import timestamp

VerdictName = Literal["release", "decline"]
ReviewStateName = Literal["open", "claimed", "closed"]
CLAIM_FOR = timedelta(minutes=15)
UNDO_FOR = timedelta(seconds=30)
# An undo that was sent in time may be under way as long as its function runs; nobody hears of the verdict before.
SETTLED_AFTER = UNDO_FOR + timedelta(seconds=FUNCTION_S)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to decide a payment: whoever has the random `token` has it. It outlives its time until it is taken."""

    token: str
    claimed_at: datetime
    claimed_until: datetime

    def holds(self, now: datetime) -> bool:
        """Whether nobody else may decide the payment."""
        return now < self.claimed_until


@dataclass(frozen=True, slots=True)
class SaidVerdict:
    """What an analyst says of a payment. `reason` is a code for programs, `note` a text for people."""

    verdict: VerdictName
    label: Truth | None = None
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ReviewVerdict:
    """A verdict as it was given; `by` is the id of the key, `actor` who its bearer said to be."""

    verdict_id: str
    said: SaidVerdict
    given_at: datetime
    by: str
    actor: str = ""
    undone_at: datetime | None = None
    undone_in: str = ""

    @property
    def final_at(self) -> datetime:
        """Until when it can be undone."""
        return self.given_at + UNDO_FOR


Verdicts = Sequence[ReviewVerdict]


@dataclass(frozen=True, slots=True)
class Review:
    """The review of a payment as it is now. `outcome` is None where it was not decided yet."""

    outcome: str | None
    decided_at: datetime | None = None
    labelled: bool = False
    claim: Claim | None = None
    verdicts: Verdicts = ()

    @property
    def is_flagged(self) -> bool:
        """Whether there is anything to decide: what was approved is not held back."""
        return self.outcome not in {None, "approve"}

    @property
    def in_force(self) -> ReviewVerdict | None:
        """The last verdict that was not undone."""
        return verdict_in_force(self.verdicts)

    def state(self, now: datetime) -> ReviewStateName:
        """Whether somebody still has to decide it. What is labelled has left the queue, with a verdict or without."""
        if self.in_force is not None or self.labelled:
            return "closed"
        return "claimed" if self.claim is not None and self.claim.holds(now) else "open"

    def check_claim(self, token: str | None, now: datetime) -> None:
        """Raises ClaimLost: somebody else has it, or had it since the bearer of this one."""
        if self.claim is None or self.claim.token == token:
            return
        since, until = timestamp(self.claim.claimed_at), timestamp(self.claim.claimed_until)
        if token is not None:
            raise ClaimLost(f"The claim was lost: somebody else has taken the review since {since}")
        if self.claim.holds(now):
            raise ClaimLost(f"Somebody has claimed the review since {since}, until {until}; send it with X-Claim")

    def undoable(self, now: datetime) -> ReviewVerdict | None:
        """The verdict that an undo would undo, None where none stands. Raises VerdictFinal."""
        last = self.in_force
        if last is not None and now >= last.final_at:
            raise VerdictFinal(
                f"The verdict is final since {timestamp(last.final_at)}; another one can be given in its place"
            )
        return last

    def next_given_at(self, now: datetime) -> datetime:
        """When the next verdict is given: later than all there are, whatever the clocks of two processes say."""
        return max([now, *(one.given_at + TICK for one in self.verdicts)])


def verdict_in_force(verdicts: Verdicts) -> ReviewVerdict | None:
    """The last verdict that was not undone, None where there is none."""
    valid = (one for one in verdicts if one.undone_at is None)
    return max(valid, key=lambda one: one.given_at, default=None)
