"""Where transactions, and what stands beside them, are found again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from fraudshield.history.listing import Page, TransactionsQuery
from fraudshield.history.prediction import KeptPrediction, PostedPrediction
from fraudshield.history.record import StoredRecord
from fraudshield.transaction.transaction import Transaction


class Records(Protocol):
    """What is kept under one transaction_id: the transaction, with or without a decision, and what stands beside it."""

    def store(self, transaction: Transaction, now: datetime) -> bool:
        """Keep it as it came; false where it is there already. Raises TransactionConflict, StoreUnavailable."""

    def find(self, transaction_id: str) -> StoredRecord:
        """Raises NotFound, StoreUnavailable."""

    def append(self, posted: PostedPrediction, now: datetime) -> bool:
        """Keep it beside its transaction; false where it is there already. Raises NotFound, StoreUnavailable."""

    def predictions(
        self, transaction_id: str, limit: int, after: str | None
    ) -> tuple[Sequence[KeptPrediction], str | None]:
        """Up to `limit` of them, newest first and the first decision last; where to go on `after`.

        Raises NotFound, StoreUnavailable.
        """


class TransactionList(Protocol):
    """Transactions by time, account or expected loss, a page at a time."""

    def page(self, asked: TransactionsQuery) -> Page:
        """What is asked for. A list read page by page loses and repeats nothing that was there when it began.

        Raises Malformed for a cursor that is not this list's, StoreUnavailable.
        """
