"""The history of entities, read from the table's indexes: nothing extra is written for it."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from fraudshield.aggregate.counter import HourCount, hour_of, series_of, text_of
from fraudshield.aggregate.counter_cache import CounterCache
from fraudshield.aggregate.port import Answer, CounterQuestion, CounterRead, HistoryQuestion, Question
from fraudshield.aggregate.row import MOST_ROWS, HistoryRead, HistoryRow, merged
from fraudshield.aws import client
from fraudshield.breaker import Breaker
from fraudshield.budget import VELOCITIES_S, VELOCITY_S
from fraudshield.dynamo.call import BoundedCalls, PacedCalls, PendingCalls
from fraudshield.dynamo.page import items
from fraudshield.errors import StoreUnavailable
from fraudshield.event_type.entity import entity_key
from fraudshield.event_type.payment import NAME
from fraudshield.text.timestamp import instant
from fraudshield.transaction.dynamo import TRANSACTION_RECORD
from fraudshield.transaction.dynamo_own import shown_in

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item
    from fraudshield.dynamo.write import Connect

# Index and key attribute of accounts, by what they did; entities have those of their slots.
ACCOUNTS: Mapping[str, tuple[str, str]] = {"sender": ("by_sender", "nameOrig"), "receiver": ("by_receiver", "nameDest")}
READ = (
    "occurred_at",
    "decided_at",
    "amount",
    "outcome",
    "source",
    "event_type",
    "risk",
    "label",
    "labelled_at",
    "shown",
)
BESIDE = frozenset({"series", "bucket", "expires_at"})  # counters
TICK = timedelta(microseconds=1)  # what stored times tell apart; BETWEEN has both its ends


@dataclass(frozen=True, slots=True)
class IndexKey:
    """Where an entity's payments are found: an index, its key attribute, and the key."""

    index: str
    attribute: str
    key: str


@dataclass(frozen=True, slots=True)
class HistoryQueries:
    """The queries that answer a question, by the clients that `connect` gives."""

    table: str
    counters: str
    connect: "Connect" = client.dynamodb

    def of(self, question: Question) -> Sequence[Callable[[], HistoryRead | CounterRead]]:
        """One for a busy entity; else one for each index that payments are found by."""
        if isinstance(question, CounterQuestion):
            return [partial(self._count, question)]
        return [partial(self._query, question, key) for key in index_keys(question)]

    def _count(self, question: CounterQuestion) -> CounterRead:
        asked = {
            "TableName": self.counters,
            "KeyConditionExpression": "series = :series AND #bucket BETWEEN :since AND :until",
            "ExpressionAttributeNames": {"#bucket": "bucket"},  # a word of its own to DynamoDB
            "ExpressionAttributeValues": {
                ":series": {"S": series_of(entity_key(question.entity, question.value))},
                ":since": {"S": text_of(question.since)},
                ":until": {"S": text_of(question.until)},  # whose own buckets have more characters
            },
        }
        return tuple(_hour_count(item) for item in items(self.connect().query, asked))

    def _query(self, question: HistoryQuestion, key: IndexKey) -> HistoryRead:
        values: Item = {
            ":value": {"S": key.key},
            ":record": {"S": TRANSACTION_RECORD},
            ":own": {"S": question.own},
            ":at": {"S": instant(question.at)},
        }
        names = {f"#{name}": name for name in ("record", *READ)} | {"#key": key.attribute}
        when = "#occurred_at < :at"
        if question.since is not None:
            values |= {":since": {"S": instant(question.since + TICK)}, ":at": {"S": instant(question.at - TICK)}}
            when = "#occurred_at BETWEEN :since AND :at"
        page = self.connect().query(
            TableName=self.table,
            IndexName=key.index,
            KeyConditionExpression=f"#key = :value AND {when}",
            FilterExpression="#record = :record AND transaction_id <> :own AND attribute_exists(#decided_at)",
            ProjectionExpression=", ".join(("transaction_id", *(f"#{name}" for name in READ))),
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
            ScanIndexForward=False,
            Limit=MOST_ROWS + 1,
        )
        rows = [_row(item) for item in page["Items"]]
        return HistoryRead(tuple(rows[:MOST_ROWS]), "LastEvaluatedKey" in page or len(rows) > MOST_ROWS)


@dataclass(frozen=True, slots=True)
class DynamoHistory:
    """The `HistorySource` port. Its `calls` have a breaker of their own: late is no reason to spare the store.

    `store` is the store's breaker: while that is open, nothing is asked here either. What is asked twice is read once,
    and `counters` that were read a moment ago are not read again.
    """

    queries: HistoryQueries
    calls: BoundedCalls
    store: Breaker
    counters: CounterCache

    def begin(self, questions: Sequence[Question], payments: int) -> "PendingQueries":
        kept = {one: self.counters.get(one) for one in questions if isinstance(one, CounterQuestion)}
        known: dict[Question, Answer] = {one: read for one, read in kept.items() if read is not None}
        if self.store.is_open:
            return PendingQueries(questions, known, {}, None, self.counters)
        client.dynamodb()  # made before the clock starts
        stop_at = time.monotonic() + (VELOCITY_S if payments == 1 else VELOCITIES_S)
        each = {one: self.queries.of(one) for one in questions if one not in known}
        calls = self.calls.begin([query for queries in each.values() for query in queries], stop_at)
        asked = {one: len(queries) for one, queries in each.items()}
        return PendingQueries(questions, known, asked, calls, self.counters, self.counters.asked_at)


@dataclass(frozen=True, slots=True)
class DynamoFileHistory:
    """The `HistorySource` port for files, which wait for every answer. What several rows ask alike is asked once."""

    queries: HistoryQueries
    calls: PacedCalls

    def begin(self, questions: Sequence[Question], payments: int) -> "ReadHistory":  # noqa: ARG002 the port's
        """Asks all of it, a few queries at once. Raises StoreUnavailable."""
        asked = {one: self.queries.of(one) for one in questions}
        found = iter(self.calls.each([query for queries in asked.values() for query in queries]))
        answers = {one: list(islice(found, len(queries))) for one, queries in asked.items()}
        for answer in answers.values():
            for one in answer:
                if isinstance(one, StoreUnavailable):
                    raise one
        whole = {one: _whole(answer) for one, answer in answers.items()}
        return ReadHistory([whole[one] for one in questions])


@dataclass(frozen=True, slots=True)
class ReadHistory:
    """What was asked, answered; None of what has no slot yet."""

    answers: Sequence[Answer]

    def results(self) -> Sequence[Answer]:
        """One for each question, in order."""
        return self.answers


@dataclass(frozen=True, slots=True)
class PendingQueries:
    """Queries that are under way, so many for each question that is not `known`; without `calls` they were spared."""

    questions: Sequence[Question]
    known: Mapping[Question, Answer]
    queries: Mapping[Question, int]
    calls: PendingCalls[HistoryRead | CounterRead] | None
    counters: CounterCache
    asked_at: float = 0.0

    def results(self) -> list[Answer]:
        """What each question was answered in time; None of one whose entity has no slot yet, too."""
        found = iter(self.calls.results() if self.calls else ())
        read = {one: _whole(list(islice(found, queries))) for one, queries in self.queries.items()}
        for one, answer in read.items():
            if isinstance(one, CounterQuestion) and isinstance(answer, tuple):
                self.counters.keep(one, answer, self.asked_at)
        answers = {**self.known, **read}
        return [answers.get(one) for one in self.questions]


def index_keys(question: HistoryQuestion) -> list[IndexKey]:
    """Where the payments of a question are found: in several indexes where payments may name it in several fields."""
    if question.role is not None:
        return [IndexKey(*ACCOUNTS[question.role], question.value)]
    key = entity_key(question.entity, question.value)
    return [IndexKey(f"by_entity_{slot}", f"entity_{slot}", key) for slot in question.slots]


def _whole(found: Sequence[HistoryRead | CounterRead | StoreUnavailable]) -> Answer:
    for one in found:
        if isinstance(one, tuple):
            return one
    reads = [one for one in found if isinstance(one, HistoryRead)]
    return merged(reads) if reads and len(reads) == len(found) else None


def _hour_count(item: Any) -> HourCount:
    counters = {name: Decimal(one["N"]) for name, one in item.items() if name not in BESIDE}
    return HourCount(hour_of(item["bucket"]["S"]), counters)


def _row(item: Any) -> HistoryRow:
    labelled_at = item.get("labelled_at")
    return HistoryRow(
        transaction_id=item["transaction_id"]["S"],
        occurred_at=datetime.fromisoformat(item["occurred_at"]["S"]),
        decided_at=datetime.fromisoformat(item["decided_at"]["S"]),
        amount=Decimal(item["amount"]["N"]) if "amount" in item else None,
        outcome=item["outcome"]["S"],
        source=item["source"]["S"],
        event_type=item["event_type"]["S"] if "event_type" in item else NAME,
        risk=Decimal(item["risk"]["N"]) if "risk" in item else None,
        label=item["label"]["S"] if "label" in item else None,
        labelled_at=datetime.fromisoformat(labelled_at["S"]) if labelled_at else None,
        shown=shown_in(item),
    )
