"""Lists of transactions, read from the indexes in pages that neither lose nor repeat one while others are written."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from fraudshield.analytics.port import Aggregates
from fraudshield.aws import client
from fraudshield.budget import LIST_S, STORE_S
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.errors import Malformed, StoreUnavailable
from fraudshield.event_type.entity import Slots
from fraudshield.event_type.port import EventTypes
from fraudshield.history.dynamo_index import ListSections
from fraudshield.history.dynamo_own import DynamoOwnContents, Own
from fraudshield.history.dynamo_run import SortedRunQuery
from fraudshield.history.listing import ListRow, Page, TransactionsQuery
from fraudshield.history.sorted_run import Merge, RunPosition
from fraudshield.text.cursor import Cursors
from fraudshield.transaction.dynamo_money import sent_in
from fraudshield.transaction.dynamo_own import EVENT_TYPE, shown_in

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

EXAMINED = 5_000  # rows that a page may look at to find those that pass its filter: about 125 read units
AT_LEAST, FILTERED_AT_LEAST, MOST = 4, 100, 250  # rows of a sorted run in one read, which has `READ_S`
SPARE = 1.25  # rows spread unevenly over the shards of a day
TOO_FAR = "?offset: Input should be less: the filter leaves out more than one request reads; go on with next_cursor"
CursorState = list[Any]  # where a list goes on, as it stands in a cursor: a section, and a position in it


def _stop_at() -> float:
    return time.monotonic() + LIST_S


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A row that passed the filter: its section, and its position there."""

    section: str
    position: RunPosition["Item"]


@dataclass(slots=True)
class PageSearch:
    """The search for the rows of one page: what it found, and how many rows it may still examine."""

    wanted: int
    least: int
    rows_left: int
    stop_at: float = field(default_factory=_stop_at)
    found: list[FoundRow] = field(default_factory=list)

    @property
    def missing(self) -> int:
        """How many rows the search has still to find."""
        return self.wanted - len(self.found)

    @property
    def is_spent(self) -> bool:
        """Whether the search must stop, with what it has found."""
        return self.rows_left <= 0 or time.monotonic() >= self.stop_at


@dataclass(frozen=True, slots=True)
class DynamoTransactionList:
    """The `TransactionList` port on one table and its indexes."""

    table: str
    aggregates: Aggregates
    cursors: Cursors
    calls: BoundedCalls
    types: EventTypes
    examined: int = EXAMINED
    filtered_page: int = FILTERED_AT_LEAST

    def page(self, asked: TransactionsQuery) -> Page:
        """Reads a page; it searches for one row more than is shown, to know whether another page follows."""
        client.dynamodb()  # made before the clock starts
        end = asked.offset + asked.limit
        least = self.filtered_page if asked.is_filtered else AT_LEAST
        search = PageSearch(end + 1, least, self.examined + end)
        stopped = self._read(asked, self._opened(asked), search)
        if stopped is not None and 0 < asked.offset >= len(search.found):
            raise Malformed(TOO_FAR, code="invalid_parameter")
        if not search.missing:
            last = search.found[end - 1]
            stopped = _position(last.section, last.position)
        rows = [listed(row.position.key) for row in search.found[asked.offset : end]]
        return Page(rows, None if stopped is None else self.cursors.seal(_bound(asked), stopped))

    def with_own(self, page: Page) -> Page:
        client.dynamodb()  # made before the clock starts
        found = DynamoOwnContents(self.table, self.calls).of([row.transaction_id for row in page.rows], _stop_at())
        return replace(page, rows=[_with_own(row, found.get(row.transaction_id)) for row in page.rows])

    def _read(self, asked: TransactionsQuery, start: CursorState, search: PageSearch) -> CursorState | None:
        """Searches section by section; returns where it was stopped, None when it found enough or reached the end.

        The first section is always read, whatever the budget says, so that each page gets further than the one before.
        """
        after, begun = _after(start), False
        shown, slots = asked.shown_values(self.types), self._slots(asked)
        sections = ListSections(self.table, self.aggregates, datetime.now(UTC), slots, shown)
        for name, runs in sections.of(asked, start[0] if start else None):
            if begun and search.is_spent:
                return [name]
            begun = True
            merge: Merge[Item] = Merge(len(runs))
            self._read_section(name, runs, after, merge, search)
            if not search.missing:
                return None
            if merge.position is not None and not merge.ended:
                return _position(name, merge.position)
            after = None
        return None

    def _read_section(
        self,
        name: str,
        runs: Sequence[SortedRunQuery],
        after: RunPosition["Item"] | None,
        merge: Merge["Item"],
        search: PageSearch,
    ) -> None:
        """Reads the runs on and takes rows from them, at least once, until there are enough or the budget is spent."""
        while search.missing and not merge.ended:
            most = min(MOST, max(search.least, int(search.missing / len(runs) * SPARE)))
            exhausted = merge.exhausted
            reads = [partial(runs[number].read, merge.runs[number].seen or after, most) for number in exhausted]
            pages = self.calls.each(reads, max(search.stop_at, time.monotonic() + STORE_S))
            for number, page in zip(exhausted, pages, strict=True):
                if isinstance(page, StoreUnavailable):
                    raise page
                merge.push(number, page.rows, page.seen)
                search.rows_left -= page.examined
            search.found += [FoundRow(name, position) for position in merge.take(search.missing)]
            if search.is_spent:
                return

    def _slots(self, asked: TransactionsQuery) -> Slots:
        """The slots of entities, where the list asks for them. Raises UnknownEventType: there is no such type."""
        if asked.event_type is not None:
            self.types.named(asked.event_type)
        return {} if asked.entity is None else self.types.slots(asked.entity.partition(":")[0])

    def _opened(self, asked: TransactionsQuery) -> CursorState:
        """Opens the cursor; the state is empty at the beginning of a list."""
        if asked.cursor is None:
            return []
        position: Any = self.cursors.open(_bound(asked), asked.cursor)
        return list(position)


def _with_own(row: ListRow, own: Own | None) -> ListRow:
    return row if own is None else replace(row, own=own[0], unlisted=own[1])


def listed(item: "Item") -> ListRow:
    """Reads a row from an item of an index."""
    sent = sent_in(item)
    loss = item.get("review_queue") and item.get("expected_loss")
    return ListRow(
        transaction_id=item["transaction_id"]["S"],
        occurred_at=datetime.fromisoformat(item["occurred_at"]["S"]),
        type=_text(item, "type"),
        amount=sent.amount if sent else Decimal(item["amount"]["N"]) if "amount" in item else None,
        origin=_text(item, "nameOrig"),
        destination=_text(item, "nameDest"),
        source=item["source"]["S"],
        outcome=_text(item, "outcome") or _text(item, "review_queue"),
        risk=float(item["risk"]["N"]) if "risk" in item else None,
        label=_text(item, "label"),
        expected_loss=Decimal(loss["N"]) if loss else None,
        event_type=_text(item, EVENT_TYPE),
        shown=shown_in(item),
        sent=sent,
        decided_at=datetime.fromisoformat(item["decided_at"]["S"]) if "decided_at" in item else None,
        codes=tuple(code["S"] for code in item["codes"]["L"]) if "codes" in item else (),
    )


def _text(item: "Item", name: str) -> str | None:
    return item[name]["S"] if name in item else None


def _bound(asked: TransactionsQuery) -> dict[str, object]:
    """Returns what a cursor is signed for: it is valid for the same list only."""
    return {"list": "transactions", **asked.filter}


def _position(section: str, position: RunPosition["Item"]) -> CursorState:
    """Makes the state of a cursor. It holds no account: the index's key is known from the filter."""
    key = [position.key[name]["S"] for name in ("transaction_id", "record")]
    return [section, position.run, str(position.value), isinstance(position.value, Decimal), *key]


def _after(position: CursorState) -> RunPosition["Item"] | None:
    """Reads the position from the state of a cursor; None where a section begins."""
    if len(position) <= 1:
        return None
    _, run, value, is_number, transaction_id, record = position
    key: Item = {"transaction_id": {"S": transaction_id}, "record": {"S": record}}
    return RunPosition(run, Decimal(value) if is_number else value, key)
