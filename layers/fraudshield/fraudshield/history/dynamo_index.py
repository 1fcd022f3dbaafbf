"""The sections of a list and the sorted runs that each is read from: days, an account, or the review queue."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from heapq import merge
from itertools import groupby
from typing import Any

from fraudshield.analytics.port import Aggregates
from fraudshield.dynamo.record import attributes
from fraudshield.history.dynamo_run import Conditions, Index, SortedRunQuery
from fraudshield.history.listing import TransactionsQuery
from fraudshield.transaction.dynamo import DAY_SHARDS, TRANSACTION_RECORD

BY_DAY = Index("by_day", "day_shard")
BY_LOSS = Index("by_loss", "review_queue", sort="expected_loss", kind="N")
BY_ACCOUNT = (Index("by_sender", "nameOrig"), Index("by_receiver", "nameDest"))
AFTER_ALL = "~"  # sorts after every digit and letter of a stored time
LABELLED = {True: "attribute_exists(label)", False: "attribute_not_exists(label)"}
Section = tuple[str, Sequence[SortedRunQuery]]  # its name, as it stands in cursors


@dataclass(frozen=True, slots=True)
class ListSections:
    """Makes the sections of a list from its query."""

    table: str
    aggregates: Aggregates
    now: datetime

    def of(self, asked: TransactionsQuery, start: str | None) -> Iterator[Section]:
        """Yields the sections in order, from the one named `start` on where that is given. Raises StoreUnavailable."""
        if asked.sort == "expected_loss":
            yield str(asked.outcome), [self._queue(asked)]
        elif asked.account is not None:
            yield "account", self._account(asked)
        else:
            for day in self._days(asked, start):
                yield day.isoformat(), self._day(asked, day.isoformat())

    def _days(self, asked: TransactionsQuery, start: str | None) -> Iterator[date]:
        """Yields days, newest first; always today and yesterday, as the counts may not have them yet."""
        first, last = asked.start_date or date.min, asked.end_date or date.max
        last = min(last, date.fromisoformat(start)) if start else last
        today = self.now.date()
        fresh = {today, today - timedelta(days=1)} | ({last} if start else set())
        known = self.aggregates.days(first, last)
        days = merge(sorted((day for day in fresh if first <= day <= last), reverse=True), known, reverse=True)
        return (day for day, _ in groupby(days))

    def _day(self, asked: TransactionsQuery, day: str) -> Sequence[SortedRunQuery]:
        span = (day, day + AFTER_ALL)
        shards = ((number, f"{day}#{number}") for number in range(DAY_SHARDS))
        return [SortedRunQuery(self.table, n, BY_DAY, key, conditions(asked), span) for n, key in shards]

    def _account(self, asked: TransactionsQuery) -> Sequence[SortedRunQuery]:
        """Returns a run of what the account sent, and a run of what it received from others."""
        key, span = asked.account or "", span_of(asked)
        record = Conditions(["#record = :record"], attributes({":record": TRANSACTION_RECORD}))
        sent = combined(record, conditions(asked))
        received = combined(sent, Conditions(["nameOrig <> :key"]))
        return [
            SortedRunQuery(self.table, number, index, key, one, span)
            for number, (index, one) in enumerate(zip(BY_ACCOUNT, (sent, received), strict=True))
        ]

    def _queue(self, asked: TransactionsQuery) -> SortedRunQuery:
        """Returns the run of the review queue; labelled transactions have left its index."""
        narrowed = asked.model_copy(update={"outcome": None, "labelled": None})
        first, last = span_of(asked)
        days = Conditions(["occurred_at BETWEEN :from AND :to"], attributes({":from": first, ":to": last}))
        who = Conditions(
            ["(nameOrig = :account OR nameDest = :account)"], attributes({":account": asked.account or ""})
        )
        parts = [conditions(narrowed)]
        parts += [days] if asked.start_date or asked.end_date else []
        parts += [who] if asked.account is not None else []
        return SortedRunQuery(self.table, 0, BY_LOSS, str(asked.outcome), combined(*parts))


def span_of(asked: TransactionsQuery) -> tuple[str, str]:
    """Returns the least and the greatest text of a stored time within the days."""
    first = asked.start_date.isoformat() if asked.start_date else "0"
    return first, (asked.end_date.isoformat() if asked.end_date else "") + AFTER_ALL


def conditions(asked: TransactionsQuery) -> Conditions:
    """Makes the conditions of a query, without those of days and account."""
    wanted = {"#type": asked.type, "outcome": asked.outcome, "#source": asked.source}
    given = {name: str(value) for name, value in wanted.items() if value is not None}
    expressions = [f"{name} = :{name.lstrip('#')}" for name in given]
    values: dict[str, Any] = attributes({f":{name.lstrip('#')}": value for name, value in given.items()})
    return Conditions(expressions + ([LABELLED[asked.labelled]] if asked.labelled is not None else []), values)


def combined(*parts: Conditions) -> Conditions:
    """Joins conditions: a row must meet all of them."""
    expressions = [expression for part in parts for expression in part.expressions]
    return Conditions(expressions, {name: value for part in parts for name, value in part.values.items()})
