"""The lists of the ingest service: all transactions or one day's, as JSON for old clients or as CSV."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO

from typing_extensions import TypedDict

from fraudshield.analytics.port import Aggregates
from fraudshield.analytics.statistics import transactions_in
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.port import EventTypes
from fraudshield.history.filter import TransactionFilter
from fraudshield.history.listing import UNLISTED, ListedTransaction, Page, TransactionsQuery, listed
from fraudshield.history.port import TransactionList
from fraudshield.text.csv_cell import safe_name
from fraudshield.text.json_text import json_text
from fraudshield.text.query import Day, OffsetQuery, PageQuery
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.own import OwnContent
from fraudshield.transaction.reader import EVENT_TYPE

COLUMNS = tuple(name for name in ListedTransaction.__annotations__ if name in ListedTransaction.__required_keys__)
MONEY = ("amount_currency", "reported_amount", "reporting_currency")  # beside the amount, which is as it was sent
MOST_BYTES = 2 << 20  # Lambda answers with 6 MB at most, in JSON, which may double a text


class IngestListQuery(OffsetQuery):
    """Newest first; `date` is a day of `occurred_at` in UTC. `offset` is for old clients, `cursor` for all."""

    date: Day | None = None

    def as_list(self) -> TransactionsQuery:
        """The list that this is a view of."""
        return TransactionsQuery(
            limit=self.limit, cursor=self.cursor, offset=self.offset, start_date=self.date, end_date=self.date
        )


class ExportQuery(PageQuery, TransactionFilter):
    """As many rows as one response holds, narrowed as any list; the header `Link` leads to the next ones."""

    date: Day | None = None

    def as_list(self) -> TransactionsQuery:
        """The list that this is a view of."""
        narrowed = {name: getattr(self, name) for name in TransactionFilter.model_fields}
        paged = {"limit": self.limit, "cursor": self.cursor, "start_date": self.date, "end_date": self.date}
        return TransactionsQuery(**narrowed, **paged, **self.by_shown)


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


@dataclass(frozen=True, slots=True)
class Export:
    """One response of an export, and where it goes on."""

    text: str
    next_cursor: str | None


def export(transactions: TransactionList, asked: ExportQuery, types: EventTypes) -> Export:
    """The next rows; fewer than asked for where own fields make them too large. Raises what list and types raise."""
    page = transactions.with_own(transactions.page(asked.as_list()))
    text = transactions_csv(page, types)
    if len(text.encode()) > MOST_BYTES and asked.limit > 1:
        return export(transactions, asked.model_copy(update={"limit": asked.limit // 2}), types)
    return Export(text, page.next_cursor)


def transactions_csv(page: Page, types: EventTypes) -> str:
    """Writes the rows of a page as CSV (RFC 4180). No cell can become a formula; a missing value is empty.

    After the columns of lists come what those do not show of payments whose type extends the built-in one, the own
    fields of the types that occur in it, and last the amounts of types that report in a currency.

    Raises UnknownEventType, StoreUnavailable.
    """
    written = StringIO()
    table = csv.writer(written)
    own = own_columns([row.own for row in page.rows if row.own is not None], types)
    money = MONEY if any(row.sent for row in page.rows) else ()
    unlisted = UNLISTED if any(row.unlisted for row in page.rows) else ()
    table.writerow([*COLUMNS, *unlisted, *map(safe_name, own), *money])
    for row in page.rows:
        cells: dict[str, object] = {**listed(row), "amount": None if row.amount is None else format(row.amount, "f")}
        built_in = ["" if cells[name] is None else safe_name(str(cells[name])) for name in COLUMNS]
        beside = ["" if cells.get(name) is None else _cell(cells[name]) for name in money]
        built_in += [_cell(row.unlisted[name]) if name in row.unlisted else "" for name in unlisted]
        table.writerow([*built_in, *_own_cells(row.own, own), *beside])
    return written.getvalue()


def own_columns(found: Sequence[OwnContent], types: EventTypes) -> list[str]:
    """`event_type`, the own fields of each type in its order, and last what was kept though no field names it."""
    names = sorted({one.event_type.name for one in found})
    fields = [field for name in names for field in _own_fields(types.named(name))]
    kept = sorted({field for one in found for field in one.fields})
    ours = {EVENT_TYPE, *COLUMNS}
    return [*([EVENT_TYPE] if found else []), *(one for one in dict.fromkeys([*fields, *kept]) if one not in ours)]


def _own_fields(event_type: EventType) -> list[str]:
    built_in = BuiltInTransaction.model_fields if event_type.is_payment else {}
    return [name for name in event_type.all_fields if name not in built_in]


def _own_cells(own: OwnContent | None, columns: Sequence[str]) -> list[str]:
    if own is None:
        return [""] * len(columns)
    values = {**own.fields, EVENT_TYPE: own.event_type.name}
    return [_cell(values[name]) if name in values else "" for name in columns]


def _cell(value: object) -> str:
    if isinstance(value, str):
        return safe_name(value)
    return format(value, "f") if isinstance(value, Decimal) else json_text(value)
