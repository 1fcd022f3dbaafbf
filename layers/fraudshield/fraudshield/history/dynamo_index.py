"""The sections of a list and the sorted runs that each is read from: days, an account, an entity, the review queue."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from heapq import merge
from itertools import groupby
from typing import Any
from urllib.parse import unquote

from fraudshield.analytics.port import Aggregates
from fraudshield.event_type.entity import ACCOUNT, SLOTS, Slots, entity_key
from fraudshield.event_type.payment import NAME
from fraudshield.history.dynamo_condition import RowCondition
from fraudshield.history.dynamo_run import Index, SortedRunQuery
from fraudshield.history.listing import TransactionsQuery
from fraudshield.text.stored_number import stored_number
from fraudshield.transaction.dynamo import DAY_SHARDS, TRANSACTION_RECORD
from fraudshield.transaction.dynamo_own import attribute

VERSIONS = frozenset({"labelled_at", "model_version", "policy_version", "job", "codes"})
BY_DAY = Index("by_day", "day_shard", carries=VERSIONS)
BY_LOSS = Index("by_loss", "review_queue", sort="expected_loss", kind="N", carries=VERSIONS)
BY_ACCOUNT = (Index("by_sender", "nameOrig"), Index("by_receiver", "nameDest"))
BY_SLOT = {
    slot: Index(f"by_entity_{slot}", f"entity_{slot}", lacks=frozenset({"type"})) for slot in range(1, SLOTS + 1)
}
AFTER_ALL = "~"  # sorts after every digit and letter of a stored time
Section = tuple[str, Sequence[SortedRunQuery]]  # its name, as it stands in cursors
OF_PAYMENT = RowCondition(["type"], "there")  # what extends the built-in type has all its fields


@dataclass(frozen=True, slots=True)
class ListSections:
    """Makes the sections of a list from its query; `shown` are the values of shown fields that narrow it."""

    table: str
    aggregates: Aggregates
    now: datetime
    slots: Slots = field(default_factory=dict)
    shown: Mapping[str, object] = field(default_factory=dict)

    def of(self, asked: TransactionsQuery, start: str | None) -> Iterator[Section]:
        """Yields the sections in order, from the one named `start` on where that is given. Raises StoreUnavailable."""
        if asked.sort == "expected_loss":
            outcomes = asked.outcome or ()
            yield ",".join(outcomes), [self._queue(asked, at, outcome) for at, outcome in enumerate(outcomes)]
        elif asked.entity is not None:
            yield "entity", self._entity(asked, *asked.entity.split(":", 1))
        elif asked.account is not None:
            yield "account", self._account(asked, asked.account)
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
        return [SortedRunQuery(self.table, n, BY_DAY, key, self._conditions(asked), span) for n, key in shards]

    def _account(self, asked: TransactionsQuery, account: str) -> Sequence[SortedRunQuery]:
        """Returns a run of what the account sent, and a run of what it received from others."""
        sent = [RowCondition(["record"], "in", [{"S": TRANSACTION_RECORD}]), *self._conditions(asked)]
        received = [*sent, RowCondition(["nameOrig"], "not", [{"S": account}])]
        return [
            SortedRunQuery(self.table, number, index, account, one, span_of(asked))
            for number, (index, one) in enumerate(zip(BY_ACCOUNT, (sent, received), strict=True))
        ]

    def _entity(self, asked: TransactionsQuery, entity: str, written: str) -> Sequence[SortedRunQuery]:
        """Returns a run for each slot of the entity, without what a slot before it has found; none without a slot."""
        value = unquote(written)
        if entity == ACCOUNT:
            return self._account(asked, value)
        key = entity_key(entity, value)
        conditions = [RowCondition(["record"], "in", [{"S": TRANSACTION_RECORD}]), *self._conditions(asked)]
        runs = []
        for number, slot in enumerate(self.slots.get(entity, ())):
            runs.append(SortedRunQuery(self.table, number, BY_SLOT[slot], key, [*conditions], span_of(asked)))
            conditions.append(RowCondition([f"entity_{slot}"], "not", [{"S": key}]))
        return runs

    def _queue(self, asked: TransactionsQuery, number: int, outcome: str) -> SortedRunQuery:
        """Returns the run of a part of the review queue; labelled transactions have left its index."""
        found = self._conditions(asked.model_copy(update={"outcome": None, "labelled": None}))
        if asked.start_date or asked.end_date:
            found.append(RowCondition(["occurred_at"], "between", [{"S": moment} for moment in span_of(asked)]))
        if asked.account is not None:
            found.append(RowCondition(["nameOrig"], "in", [{"S": asked.account}], or_at=["nameDest"]))
        if asked.entity is not None:
            found.append(self._of_entity(*asked.entity.split(":", 1)))
        return SortedRunQuery(self.table, number, BY_LOSS, outcome, found)

    def _of_entity(self, entity: str, written: str) -> RowCondition:
        value = unquote(written)
        if entity == ACCOUNT:
            return RowCondition(["nameOrig"], "in", [{"S": value}], or_at=["nameDest"])
        first, *others = [f"entity_{slot}" for slot in self.slots.get(entity, ())] or ["record"]
        return RowCondition([first], "in", [{"S": entity_key(entity, value)}], or_at=others[:1])

    def _conditions(self, asked: TransactionsQuery) -> list[RowCondition]:
        """Makes the conditions of a query, without those of days, account and entity."""
        texts = {"type": asked.type, "source": asked.source, "label": asked.label, "job": asked.job_id}
        texts |= {"model_version": asked.model_version}
        found = [RowCondition([name], "in", [{"S": str(value)}]) for name, value in texts.items() if value is not None]
        found += [
            *_bounds("amount", asked.min_amount, asked.max_amount),
            *_bounds("risk", asked.min_risk, asked.max_risk),
        ]
        if asked.outcome is not None:
            found.append(RowCondition(["outcome"], "in", [{"S": outcome} for outcome in asked.outcome]))
        if asked.labelled is not None:
            found.append(RowCondition(["label"], "there" if asked.labelled else "missing"))
        if asked.policy_version is not None:
            found.append(RowCondition(["policy_version"], "in", [{"N": str(asked.policy_version)}]))
        codes = [asked.reason, asked.rule and f"rule:{asked.rule}"]
        found += [RowCondition(["codes"], "has", [{"S": code}]) for code in codes if code]
        found += [RowCondition(["shown", name], "in", [attribute(value)]) for name, value in self.shown.items()]
        return [*found, *_of_type(asked)]


def span_of(asked: TransactionsQuery) -> tuple[str, str]:
    """Returns the least and the greatest text of a stored time within the days."""
    first = asked.start_date.isoformat() if asked.start_date else "0"
    return first, (asked.end_date.isoformat() if asked.end_date else "") + AFTER_ALL


def _of_type(asked: TransactionsQuery) -> list[RowCondition]:
    if asked.event_type is None:
        return [] if asked.entity is not None else [OF_PAYMENT]
    if asked.event_type == NAME:
        return [OF_PAYMENT, RowCondition(["event_type"], "missing")]
    return [RowCondition(["event_type"], "in", [{"S": asked.event_type}])]


def _bounds(name: str, low: Decimal | None, high: Decimal | None) -> Iterator[RowCondition]:
    tests: Any = (("at_least", low), ("at_most", high))
    return (RowCondition([name], test, [{"N": stored_number(bound)}]) for test, bound in tests if bound is not None)
