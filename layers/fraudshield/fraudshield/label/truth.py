"""What the label of a decided payment is as of a time: what had been said by then, or what its age says.

Training, tests on history, statistics and model performance all ask here, so that a payment counts the same in each.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

# Said to be fraud, said to be genuine, genuine because nobody said otherwise in time, let through and too young for
# that, and not let through: what a payment would have turned out to be that was stopped is never learned.
LabelKind = Literal["fraud", "genuine_said", "genuine_by_age", "young", "blocked"]
KNOWN_GENUINE: frozenset[LabelKind] = frozenset({"genuine_said", "genuine_by_age"})
APPROVE, FRAUD = "approve", "fraud"  # as `policy.Outcome` and `label.Truth` spell them, whose modules load pydantic
RELEASED = {"release": True, "decline": False}  # by the verdict of a review


@dataclass(frozen=True, slots=True)
class DecidedPayment:
    """A decided payment, as far as its label goes: the label in force, and the verdict of its review that stands."""

    occurred_at: datetime
    outcome: str
    label: str | None = None
    labelled_at: datetime | None = None
    verdict: str | None = None


def label_as_of(payment: DecidedPayment, as_of: datetime, genuine_after: timedelta | None) -> LabelKind:
    """What was known of it then. Without `genuine_after` no age makes a payment genuine.

    A label that was said later is not known yet. Verdicts have no time here: one that stands counts as given.
    """
    if payment.label is not None and payment.labelled_at is not None and payment.labelled_at <= as_of:
        return "fraud" if payment.label == FRAUD else "genuine_said"
    if not let_through(payment.outcome, payment.verdict):
        return "blocked"
    return "genuine_by_age" if is_old_enough(payment.occurred_at, as_of, genuine_after) else "young"


def let_through(outcome: str, verdict: str | None = None) -> bool:
    """Whether the money moved: approved at once, or released by its review. What waits for one has not moved."""
    return RELEASED.get(verdict or "", outcome == APPROVE)


def is_old_enough(occurred_at: datetime, as_of: datetime, genuine_after: timedelta | None) -> bool:
    """Whether a payment that was let through, and that nobody reported, counts as genuine by then."""
    return genuine_after is not None and as_of - occurred_at >= genuine_after
