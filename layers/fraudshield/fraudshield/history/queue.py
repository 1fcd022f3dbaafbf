"""The review queue as programs go through it: what waits, dearest first, narrowed by the filters of every list."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from fraudshield.errors import Fault, Malformed
from fraudshield.history.listing import ListRow, Page, TransactionsQuery
from fraudshield.history.port import TransactionList
from fraudshield.text.query import read_query

SEEN_AT_ONCE = 200  # rows of the first page, which are also those that are counted
MOST_PAGES = 5  # of rows that a call has skipped, before it is told that there is none
FIXED = {"sort": "expected_loss", "labelled": "false"}  # what makes a list the queue
NOT_HERE = {"sort", "labelled", "label", "limit", "cursor", "offset"}


@dataclass(slots=True)
class ReviewQueue:
    """What waits for a verdict. `left` is how many of them were seen; there may be more where `is_more` says so."""

    of: TransactionList
    asked: TransactionsQuery
    left: int = 0
    is_more: bool = False
    first: Page = field(init=False)

    def __post_init__(self) -> None:
        """Reads the first page. Raises StoreUnavailable, Malformed."""
        self.first = self.of.page(self.asked)
        self.left, self.is_more = len(self.first.rows), self.first.next_cursor is not None

    def __iter__(self) -> Iterator[ListRow]:
        """Yields what waits, dearest first, page by page. Raises StoreUnavailable."""
        page = self.first
        for _ in range(MOST_PAGES):
            yield from page.rows
            if page.next_cursor is None:
                return
            page = self.of.page(self.asked.model_copy(update={"cursor": page.next_cursor}))


def queue_query(filters: Sequence[tuple[str, str]]) -> TransactionsQuery:
    """The queue that the filters narrow; of reviews where they name no outcome. Raises Malformed, as a list's."""
    if unknown := [name for name, _ in filters if name in NOT_HERE]:
        says = "There is no such filter here: the queue has what is flagged and has no label, dearest first"
        refused = Malformed(says, code="invalid_parameter")
        refused.faults = (Fault(f"?{unknown[0]}", says, "unknown_parameter"),)
        raise refused
    asked = {"outcome": "review"} | dict(filters) | FIXED | {"limit": str(SEEN_AT_ONCE)}
    return read_query(list(asked.items()), TransactionsQuery)
