"""The lists of the ingest service: all transactions or one day's, as JSON for old clients or as CSV."""

import csv
from io import StringIO

from typing_extensions import TypedDict

from fraudshield.analytics.port import Aggregates
from fraudshield.analytics.statistics import transactions_in
from fraudshield.history.listing import ListedTransaction, Page, TransactionsQuery, listed
from fraudshield.text.csv_cell import safe_name
from fraudshield.text.query import Day, OffsetQuery, PageQuery

COLUMNS = tuple(name for name in ListedTransaction.__annotations__ if name in ListedTransaction.__required_keys__)


class IngestListQuery(OffsetQuery):
    """Newest first; `date` is a day of `occurred_at` in UTC. `offset` is for old clients, `cursor` for all."""

    date: Day | None = None

    def as_list(self) -> TransactionsQuery:
        """The list that this is a view of."""
        return TransactionsQuery(
            limit=self.limit, cursor=self.cursor, offset=self.offset, start_date=self.date, end_date=self.date
        )


class ExportQuery(PageQuery):
    """As many rows as one response holds; the header `Link` leads to the next ones."""

    date: Day | None = None

    def as_list(self) -> TransactionsQuery:
        """The list that this is a view of."""
        return TransactionsQuery(limit=self.limit, cursor=self.cursor, start_date=self.date, end_date=self.date)


class IngestListResponse(TypedDict):
    """A page. `total` is of all that was counted, or of the day asked for; it follows the writes by a moment."""

    transactions: list[ListedTransaction]
    total: int
    limit: int
    offset: int
    next_cursor: str | None


def ingest_list_response(page: Page, asked: IngestListQuery, aggregates: Aggregates) -> IngestListResponse:
    """A page as the ingest service shows it. Raises StoreUnavailable."""
    counted = aggregates.totals() if asked.date is None else aggregates.day(asked.date)
    return {
        "transactions": [listed(row) for row in page.rows],
        "total": transactions_in(counted),
        "limit": asked.limit,
        "offset": asked.offset,
        "next_cursor": page.next_cursor,
    }


def transactions_csv(page: Page) -> str:
    """Writes the rows of a page as CSV (RFC 4180). No cell can become a formula; a missing value is empty."""
    written = StringIO()
    table = csv.writer(written)
    table.writerow(COLUMNS)
    for row in page.rows:
        cells: dict[str, object] = {**listed(row), "amount": format(row.amount, "f")}
        table.writerow(["" if cells[name] is None else safe_name(str(cells[name])) for name in COLUMNS])
    return written.getvalue()
