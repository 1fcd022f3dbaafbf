"""What a list of transactions may be asked for."""

from typing import Annotated, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from fraudshield.page import Offset, PageQuery
from fraudshield.policy import Outcome
from fraudshield.query import Day, Flag
from fraudshield.transaction import Name, TransactionType

Sort = Literal["occurred_at", "expected_loss"]
Door = Literal["api", "queue", "batch", "store"]


class TransactionsQuery(PageQuery):
    """Newest first; days are of `occurred_at`, in UTC, both included. `offset` is for old clients, `cursor` for all.

    `sort=expected_loss` is the review queue: it takes `outcome` review or block and `labelled=false`.
    """

    offset: Offset = 0
    start_date: Day | None = None
    end_date: Day | None = None
    account: Name | None = None
    type: TransactionType | None = None
    outcome: Outcome | None = None
    labelled: Flag | None = None
    source: Door | None = None
    sort: Annotated[Sort, "greatest first"] = "occurred_at"

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.start_date and self.end_date and self.start_date > self.end_date:
            raise PydanticCustomError("dates_order", "start_date should not be after end_date")
        if self.cursor is not None and self.offset:
            raise PydanticCustomError("two_places", "Either cursor or offset should be given, not both")
        if self.sort == "expected_loss" and not self.is_queue:
            raise PydanticCustomError(
                "no_queue", "sort=expected_loss should come with outcome=review or outcome=block, and labelled=false"
            )
        return self

    @property
    def is_queue(self) -> bool:
        """Whether it asks for what still has to be looked at."""
        return self.outcome in {Outcome.REVIEW, Outcome.BLOCK} and self.labelled is False

    @property
    def is_filtered(self) -> bool:
        """Whether rows are read that are not shown."""
        return any(part is not None for part in (self.type, self.outcome, self.labelled, self.source))
