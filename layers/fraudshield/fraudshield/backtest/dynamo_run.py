"""The stored decisions that a test compares: found by the time index, read whole by their ids."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from fraudshield.aws import client
from fraudshield.backtest.compared import StoredPayment
from fraudshield.backtest.plan import SHARDS, spans
from fraudshield.backtest.port import Place
from fraudshield.backtest.proposal.service import RiskRow, RiskSample
from fraudshield.budget import LIST_S
from fraudshield.dynamo.page import batches, items, through
from fraudshield.dynamo.record import attributes
from fraudshield.errors import Fault, InvalidInput, StoreUnavailable
from fraudshield.event_type.payment import NAME as PAYMENT
from fraudshield.label.truth import DecidedPayment
from fraudshield.predictor.predictor import RULES_VERSION
from fraudshield.scoring.dynamo_item import from_item
from fraudshield.transaction.dynamo import TRANSACTION_RECORD, is_decided
from fraudshield.transaction.source import Source

if TYPE_CHECKING:
    from fraudshield.dynamo.call import BoundedCalls, PacedCalls
    from fraudshield.dynamo.record import Item

SOURCES: tuple[Source, ...] = ("api", "queue")  # of files only what was flagged is stored, which no rate goes with
ENOUGH_RISKS = 20_000  # a thousandth of them has 20
TOO_LONG = "from and to hold more payments than one call reads; expected a shorter span"
KEYS_PER_READ = 100  # as many as DynamoDB takes in one BatchGetItem


@dataclass(frozen=True, slots=True)
class DynamoStoredDecisions:
    """The `StoredDecisions` port on the table of transactions, for payments of these event types."""

    table: str
    calls: "PacedCalls"
    types: frozenset[str]

    def places(self, day_shard: str, first: str, last: str) -> Iterator[Place]:
        asked: dict[str, Any] = {
            "TableName": self.table,
            "IndexName": "by_day",
            "KeyConditionExpression": "day_shard = :day AND occurred_at BETWEEN :first AND :last",
            "FilterExpression": "attribute_exists(outcome) AND #source IN (:api, :queue)",
            "ProjectionExpression": "occurred_at, transaction_id, event_type",
            "ExpressionAttributeNames": {"#source": "source"},
            "ExpressionAttributeValues": attributes(
                {":day": day_shard, ":first": first, ":last": last, ":api": SOURCES[0], ":queue": SOURCES[1]}
            ),
        }
        for item in items(through(self.calls, client.patient_dynamodb().query), asked):
            if type_of(item) in self.types:
                yield Place(item["occurred_at"]["S"], item["transaction_id"]["S"])

    def payments(self, transaction_ids: Sequence[str]) -> Sequence[StoredPayment]:
        hundreds = [transaction_ids[at : at + KEYS_PER_READ] for at in range(0, len(transaction_ids), KEYS_PER_READ)]
        found: list[StoredPayment] = []
        for result in self.calls.each([partial(self._read, some) for some in hundreds]):
            if isinstance(result, StoreUnavailable):
                raise result
            found += map(stored_payment, filter(is_decided, result))
        return found

    def _read(self, transaction_ids: Iterable[str]) -> "list[Item]":
        keys: Any = [attributes({"transaction_id": one, "record": TRANSACTION_RECORD}) for one in transaction_ids]
        asked = {self.table: {"Keys": keys}}
        read: Callable[..., Any] = client.patient_dynamodb().batch_get_item
        return [item for page in batches(read, asked, "UnprocessedKeys") for item in page["Responses"][self.table]]


@dataclass(frozen=True, slots=True)
class DynamoStoredRisks:
    """The `StoredRisks` port on the time index, for payments of these event types.

    A day lies in `SHARDS` parts by a hash of the id, so the same parts of each day are a random share of all.
    """

    table: str
    calls: "BoundedCalls"
    types: frozenset[str]

    def sample(self, since: datetime, until: datetime) -> RiskSample:
        stop_at, found = time.monotonic() + LIST_S, list[RiskRow]()
        for shard in range(SHARDS):
            some: list[RiskRow] = []
            for day_shard, first, last in [one for one in spans(since, until) if one[0].endswith(f"#{shard}")]:
                for item in self._items(day_shard, first, last):
                    some += _risk_rows(item, self.types)
                    if time.monotonic() > stop_at:
                        if shard:
                            return RiskSample(found, shard / SHARDS)
                        raise InvalidInput(TOO_LONG, [Fault("/from", TOO_LONG, "span_too_long")], "span_too_long")
            found += some
            if len(found) >= ENOUGH_RISKS:
                return RiskSample(found, (shard + 1) / SHARDS)
        return RiskSample(found, 1.0)

    def _items(self, day_shard: str, first: str, last: str) -> "Iterator[Item]":
        asked: dict[str, Any] = {
            "TableName": self.table,
            "IndexName": "by_day",
            "KeyConditionExpression": "day_shard = :day AND occurred_at BETWEEN :first AND :last",
            "FilterExpression": "attribute_exists(risk) AND #source IN (:api, :queue)",
            "ExpressionAttributeNames": {"#source": "source"},
            "ExpressionAttributeValues": attributes(
                {":day": day_shard, ":first": first, ":last": last, ":api": SOURCES[0], ":queue": SOURCES[1]}
            ),
        }
        return items(through(self.calls, client.dynamodb().query), asked)


def _risk_rows(item: "Item", types: frozenset[str]) -> list[RiskRow]:
    """None for what rules decided, whose risks are constants."""
    model = item["model_version"]["S"] if "model_version" in item else RULES_VERSION
    if type_of(item) not in types or model == RULES_VERSION:
        return []
    label, labelled_at, verdict = known_of(item)
    payment = DecidedPayment(
        datetime.fromisoformat(item["occurred_at"]["S"]), item["outcome"]["S"], label, labelled_at, verdict
    )
    amount = float(item["amount"]["N"]) if "amount" in item else 0.0
    return [RiskRow(payment, float(item["risk"]["N"]), amount, model)]


def stored_payment(item: "Item") -> StoredPayment:
    """A decided payment's item, with what became known of it."""
    label, labelled_at, verdict = known_of(item)
    return StoredPayment(from_item(item), label, labelled_at, verdict)


def known_of(item: Any) -> tuple[str | None, datetime | None, str | None]:
    """The label in force, when it was said, and the verdict of the review that stands."""
    review = item.get("review", {}).get("M", {})
    verdict = review["verdict"]["S"] if "verdict" in review else None
    if "label" not in item:
        return None, None, verdict
    return item["label"]["S"], datetime.fromisoformat(item["labelled_at"]["S"]), verdict


def type_of(item: "Item") -> str:
    """The name of the event type that it is of."""
    return item["event_type"]["S"] if "event_type" in item else PAYMENT
