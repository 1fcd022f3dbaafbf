"""Lists of transactions: their query, and the pages that the API shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, NotRequired, Self, get_args

from pydantic import model_validator
from typing_extensions import TypedDict

from fraudshield.history.filter import TransactionFilter
from fraudshield.label.label import Truth
from fraudshield.policy.policy import Outcome, OutcomeName
from fraudshield.text.fault import cross_fault
from fraudshield.text.json_text import Number
from fraudshield.text.query import Day, OffsetQuery
from fraudshield.text.schema import Moment, one_of
from fraudshield.text.timestamp import timestamp
from fraudshield.transaction.built_in import TransactionType
from fraudshield.transaction.field import REQUIRED
from fraudshield.transaction.money import SentAmount
from fraudshield.transaction.own import OwnContent
from fraudshield.transaction.source import Source


@dataclass(frozen=True, slots=True)
class ListRow:
    """A transaction in a list; outcome and risk are None where it has no decision yet.

    `type`, the amount and the accounts are None where its event type has none; the accounts are sender and receiver,
    whatever it calls them. `codes` are of its reasons, where the list has them. `shown` is what that type shows in
    lists. `own` is what it has of its type's own, and `unlisted` what it has of the built-in type that lists do not
    show, where that was asked for and its type is no built-in one: see `TransactionList.with_own`. `sent` has
    the amount as it was sent, and its currency, where its type reports in one.
    """

    transaction_id: str
    occurred_at: datetime
    type: str | None
    amount: Decimal | None
    origin: str | None
    destination: str | None
    source: str
    outcome: str | None
    risk: float | None
    label: str | None = None
    expected_loss: Decimal | None = None
    event_type: str | None = None
    shown: Mapping[str, object] = field(default_factory=dict)
    own: OwnContent | None = None
    unlisted: Mapping[str, object] = field(default_factory=dict)
    sent: SentAmount | None = None
    decided_at: datetime | None = None
    codes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A page may be short, or empty, and still not be the last one: that is the one without `next_cursor`."""

    rows: Sequence[ListRow]
    next_cursor: str | None


Sort = Literal["occurred_at", "expected_loss"]


class TransactionsQuery(OffsetQuery, TransactionFilter):
    """Newest first; days are of `occurred_at`, in UTC, both included. `offset` is for old clients, `cursor` for all.

    `sort=expected_loss` is the review queue: it takes `outcome` review or block and `labelled=false`.
    """

    start_date: Day | None = None
    end_date: Day | None = None
    sort: Annotated[Sort, "greatest first"] = "occurred_at"

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.start_date and self.end_date and self.start_date > self.end_date:
            raise cross_fault("dates_order", "start_date should not be after end_date", "start_date", "end_date")
        if self.sort == "expected_loss" and not self.is_queue:
            says = "sort=expected_loss should come with outcome=review, block or both, and labelled=false"
            raise cross_fault("no_queue", says, "sort", "outcome", "labelled")
        return self

    @property
    def is_queue(self) -> bool:
        """Whether the list is part of the review queue."""
        return bool(self.outcome) and Outcome.APPROVE not in (self.outcome or ()) and self.labelled is False

    @property
    def is_filtered(self) -> bool:
        """Whether a filter leaves out some of the rows that are read."""
        return bool(self.filter.keys() - {"start_date", "end_date", "account", "entity", "sort"})


class ListedTransaction(TypedDict):
    """A transaction in a list. `decision` and `risk` are null where it was stored without; the queue has a loss.

    What was flagged has `decided_at` and, but for lists of an account or entity, the codes of its reasons and of its
    rules (`rule:CODE`). One of an event type names that, and has beside the others the fields that the type shows.
    `nameOrig` and `nameDest` are sender and receiver. What the type does not have is null, as is `risk` where no model
    goes with it. `amount` is as it was sent; where the type reports in a currency its own stands beside it, and what it
    is in the other: null where no rate was in force. Filters, ranking and sums go by that.
    """

    transaction_id: str
    occurred_at: Moment
    type: Annotated[str, one_of(*get_args(TransactionType))] | None
    amount: Number | None
    nameOrig: str | None
    nameDest: str | None
    event_type: NotRequired[str]
    source: Annotated[str, one_of(*get_args(Source))]
    decision: OutcomeName | None
    risk: float | None
    label: Annotated[str, one_of(*get_args(Truth))] | None
    expected_loss: NotRequired[Number]
    amount_currency: NotRequired[str | None]
    reported_amount: NotRequired[Number | None]
    reporting_currency: NotRequired[str]
    decided_at: NotRequired[Moment]
    reason_codes: NotRequired[list[str]]


UNLISTED = tuple(name for name in REQUIRED if name not in ListedTransaction.__annotations__)  # of the built-in type


class TransactionsResponse(TypedDict):
    """A page. Where `next_cursor` is null there is nothing more; a page may be short without being the last."""

    transactions: list[ListedTransaction]
    count: int
    limit: int
    offset: int
    next_cursor: str | None


def transactions_response(page: Page, limit: int, offset: int) -> TransactionsResponse:
    """A page as the API shows it."""
    return {
        "transactions": [listed(row) for row in page.rows],
        "count": len(page.rows),
        "limit": limit,
        "offset": offset,
        "next_cursor": page.next_cursor,
    }


def listed(row: ListRow) -> ListedTransaction:
    """A row as the API shows it."""
    response: ListedTransaction = {
        "transaction_id": row.transaction_id,
        "occurred_at": timestamp(row.occurred_at),
        "type": row.type,
        "amount": row.amount,
        "nameOrig": row.origin,
        "nameDest": row.destination,
        "source": row.source,
        "decision": row.outcome,
        "risk": row.risk,
        "label": row.label,
    }
    if row.expected_loss is not None:
        response["expected_loss"] = row.expected_loss
    if row.decided_at is not None and row.outcome not in {None, Outcome.APPROVE}:
        response["decided_at"] = timestamp(row.decided_at)
    if row.codes:
        response["reason_codes"] = list(row.codes)
    if row.event_type is not None:
        response["event_type"] = row.event_type
    beside: Any = response
    if row.sent is not None:
        beside |= row.sent.shown
    for name, value in row.shown.items():
        beside.setdefault(name, value)
    return response
