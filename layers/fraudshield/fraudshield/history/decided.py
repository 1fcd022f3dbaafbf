"""Stored decisions in full, page by page: what was decided on, how, and what became known of it since."""

from collections.abc import Sequence
from typing import Annotated, Self, get_args

from pydantic import model_validator
from typing_extensions import TypedDict

from fraudshield.event_type.payment import NAME
from fraudshield.history.listing import Page, TransactionsQuery
from fraudshield.history.port import Records, TransactionList
from fraudshield.history.record import StoredRecord, StoredTransaction, stored_transaction
from fraudshield.label.label import Label, LabelSource, Truth
from fraudshield.scoring.response import Entry, entry
from fraudshield.text.fault import cross_fault
from fraudshield.text.json_text import json_text
from fraudshield.text.query import Day, PageQuery
from fraudshield.text.schema import Moment, one_of
from fraudshield.text.timestamp import timestamp
from fraudshield.transaction.reader import EventTypeName

MOST_BYTES = 4 << 20  # Lambda answers with 6 MB at most
VERDICTS = ("release", "decline")


class DecisionsQuery(PageQuery):
    """Newest first; days are of `occurred_at`, in UTC, both included. Without `event_type` of the built-in one."""

    event_type: EventTypeName | None = None
    start_date: Day | None = None
    end_date: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start_date and self.end_date and self.start_date > self.end_date:
            raise cross_fault("dates_order", "start_date should not be after end_date", "start_date", "end_date")
        return self

    def as_list(self) -> TransactionsQuery:
        """The list that this is a view of: of one event type alone, without those that extend it."""
        return TransactionsQuery(
            limit=self.limit,
            cursor=self.cursor,
            event_type=self.event_type or NAME,
            start_date=self.start_date,
            end_date=self.end_date,
        )


class KnownLabel(TypedDict):
    """The label in force: who said so, and when."""

    label: Truth
    source: Annotated[str, one_of(*get_args(LabelSource))]
    labelled_at: Moment


class DecidedTransaction(TypedDict):
    """A payment with its first decision, the label in force, the verdict that stands, and the job that it came by."""

    transaction: StoredTransaction
    first_decision: Entry
    label: KnownLabel | None
    verdict: Annotated[str, one_of(*VERDICTS)] | None
    job_id: str | None


class DecisionsResponse(TypedDict):
    """A page of decided payments. It may be short, or empty, without being the last: that has no `next_cursor`."""

    decisions: list[DecidedTransaction]
    count: int
    next_cursor: str | None


def decisions_response(transactions: TransactionList, records: Records, asked: DecisionsQuery) -> DecisionsResponse:
    """The next decisions; fewer than asked for where they are too large. What has no decision is left out.

    Raises Malformed, UnknownEventType, StoreUnavailable.
    """
    page: Page = transactions.page(asked.as_list())
    found = records.all_of([row.transaction_id for row in page.rows if row.outcome is not None])
    response: DecisionsResponse = {
        "decisions": _decided(found),
        "count": len(found),
        "next_cursor": page.next_cursor,
    }
    if asked.limit > 1 and len(json_text(response).encode()) > MOST_BYTES:
        return decisions_response(transactions, records, asked.model_copy(update={"limit": asked.limit // 2}))
    return response


def _decided(found: Sequence[StoredRecord]) -> list[DecidedTransaction]:
    return [
        {
            "transaction": stored_transaction(one),
            "first_decision": entry(one.decision, persisted=True),
            "label": _known(one.label) if one.label else None,
            "verdict": one.verdict,
            "job_id": one.job,
        }
        for one in found
        if one.decision is not None
    ]


def _known(label: Label) -> KnownLabel:
    return {"label": label.truth, "source": label.source, "labelled_at": timestamp(label.labelled_at)}
