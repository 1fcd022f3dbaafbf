"""What is done with a transaction."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

from fraudshield.text.schema import one_of


class Outcome(StrEnum):
    """What is done with a transaction, mildest first."""

    APPROVE = "approve"
    REVIEW = "review"
    BLOCK = "block"


OutcomeName = Annotated[str, one_of(*(outcome.value for outcome in Outcome))]  # as it is answered
SEVERITY = {outcome: rank for rank, outcome in enumerate(Outcome)}


def most_severe(outcomes: Iterable[Outcome]) -> Outcome:
    """The most severe of some outcomes; `approve` where there is none."""
    return max(outcomes, key=SEVERITY.__getitem__, default=Outcome.APPROVE)
