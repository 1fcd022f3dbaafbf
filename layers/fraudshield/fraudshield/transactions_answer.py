"""What a page of a list of transactions is answered as."""

from typing import NotRequired  # typing's own lacks what schemas need before Python 3.12

from typing_extensions import TypedDict

from fraudshield.timestamp import timestamp
from fraudshield.transaction_list import Listed, Page


class ListedTransaction(TypedDict):
    """A transaction in a list. `decision` and `risk` are null where it was stored without; the queue has a loss."""

    transaction_id: str
    occurred_at: str
    type: str
    amount: float
    nameOrig: str
    nameDest: str
    source: str
    decision: str | None
    risk: float | None
    label: str | None
    expected_loss: NotRequired[float]


class TransactionsAnswer(TypedDict):
    """A page. Where `next_cursor` is null there is nothing more; a page may be short without being the last."""

    transactions: list[ListedTransaction]
    count: int
    limit: int
    offset: int
    next_cursor: str | None


def transactions_answer(page: Page, limit: int, offset: int) -> TransactionsAnswer:
    """The envelope of a page."""
    return {
        "transactions": [listed(row) for row in page.rows],
        "count": len(page.rows),
        "limit": limit,
        "offset": offset,
        "next_cursor": page.next_cursor,
    }


def listed(row: Listed) -> ListedTransaction:
    """A row as it is answered."""
    answered: ListedTransaction = {
        "transaction_id": row.transaction_id,
        "occurred_at": timestamp(row.occurred_at),
        "type": row.type,
        "amount": float(row.amount),
        "nameOrig": row.origin,
        "nameDest": row.destination,
        "source": row.source,
        "decision": row.outcome,
        "risk": row.risk,
        "label": row.label,
    }
    if row.expected_loss is not None:
        answered["expected_loss"] = float(row.expected_loss)
    return answered
