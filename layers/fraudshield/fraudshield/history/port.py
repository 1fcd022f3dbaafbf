"""The stores of history: single transactions with their predictions, and lists."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from fraudshield.history.listing import Page, TransactionsQuery
from fraudshield.history.prediction import KeptPrediction, PostedPrediction
from fraudshield.history.record import StoredRecord
from fraudshield.transaction.transaction import Transaction


class Records(Protocol):
    """Stores what belongs to one transaction_id: the transaction, with or without a decision, and predictions."""

    def store(self, transaction: Transaction, now: datetime) -> bool:
        """Stores a transaction as it was sent; false where it is stored already.

        Raises TransactionConflict, StoreUnavailable.
        """

    def find(self, transaction_id: str) -> StoredRecord:
        """Finds a transaction by its id. Raises NotFound, StoreUnavailable."""

    def all_of(self, transaction_ids: Sequence[str]) -> Sequence[StoredRecord]:
        """Finds many; those that are gone by now are left out. Raises StoreUnavailable."""

    def tell(self, transaction_id: str, facts: Mapping[str, object], listed: Collection[str]) -> bool:
        """Keeps facts with a transaction, and those that its type has `listed` for lists; false where all were told.

        Raises NotFound, FactConflict: one was told with another value; StoreUnavailable.
        """

    def append(self, posted: PostedPrediction, now: datetime) -> bool:
        """Stores a prediction beside its transaction; false where it is stored already.

        Raises NotFound, StoreUnavailable.
        """

    def predictions(
        self, transaction_id: str, limit: int, after: str | None
    ) -> tuple[Sequence[KeptPrediction], str | None]:
        """Lists up to `limit` predictions, newest first and the first decision last, and where the next page starts.

        Raises NotFound, StoreUnavailable.
        """


class TransactionList(Protocol):
    """Lists transactions by time, account or expected loss, page by page."""

    def page(self, asked: TransactionsQuery) -> Page:
        """Reads a page. A list read page by page loses and repeats nothing that was stored when it began.

        Raises Malformed for a cursor that is not this list's, StoreUnavailable.
        """

    def with_own(self, page: Page) -> Page:
        """The page, with what each of its transactions has of its type's own. Raises StoreUnavailable."""
