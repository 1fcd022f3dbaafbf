"""Stored transactions for lists, and lists read page by page."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from fraudshield.aws import client
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.history.dynamo_list import DynamoTransactionList
from fraudshield.history.listing import Page, TransactionsQuery
from fraudshield.policy.policy import Outcome
from fraudshield.scoring.dynamo_item import to_item
from fraudshield.scoring.scoring import Scorer
from fraudshield.text.cursor import Cursors
from fraudshield.text.query import read_query
from fraudshield.text.timestamp import instant
from fraudshield.transaction.built_in import BuiltInTransaction
from tests.conftest import README_TRANSACTION
from tests.fake_event_types import BUILT_IN_ONLY
from tests.fakes import FakeAccounts, FakeAggregates, FakeParking, FakePolicies, FakePredictor, FakeStore
from tests.stack import Stack

LAST = datetime(2026, 3, 3, 12, tzinfo=UTC)
DAYS = (date(2026, 3, 1), date(2026, 3, 3))  # nothing happened between them
TYPES = ("PAYMENT", "TRANSFER", "CASH_OUT")
OUTCOMES = (Outcome.APPROVE, Outcome.REVIEW, Outcome.BLOCK)
Item = dict[str, Any]


def at(number: int) -> datetime:
    """Three at each moment: ties within a shard and between them; half of them on each of the two days."""
    return LAST - timedelta(days=2 * (number % 2), seconds=number // 3)


def made(number: int, **changes: Any) -> Item:
    """Makes a stored transaction; its number determines all its fields."""
    sent = README_TRANSACTION | {
        "transaction_id": f"t-{number:04d}",
        "type": TYPES[number % 3],
        "amount": float(number),
        "nameOrig": f"C{number % 5}",
        "nameDest": f"C{number % 7}",
        "occurred_at": instant(at(number)),
        **changes,
    }
    one = BuiltInTransaction.model_validate(
        {name: Decimal(repr(value)) if isinstance(value, float) else value for name, value in sent.items()}
    )
    scorer = Scorer(FakePredictor(0.5), FakePolicies(), FakeStore(), FakeParking(), FakeAccounts(), clock=lambda: LAST)
    [scored] = scorer.decide([one])
    outcome = OUTCOMES[number % 4] if number % 4 < 3 else Outcome.APPROVE
    return to_item(replace(scored, decision=replace(scored.decision, outcome=outcome)), "api")


def put(stack: Stack, *items: Item) -> None:
    for item in items:
        client.dynamodb().put_item(TableName=stack.transactions, Item=item)


def the_list(stack: Stack, **changes: Any) -> DynamoTransactionList:
    calls = dynamo_wiring.store_calls()
    known = DynamoTransactionList(stack.transactions, FakeAggregates(*DAYS), Cursors(b"secret"), calls, BUILT_IN_ONLY)
    return replace(known, **changes)


def query(**asked: str) -> TransactionsQuery:
    return read_query(list(asked.items()), TransactionsQuery)


def pages(of: DynamoTransactionList, **asked: str) -> Iterator[Page]:
    """Yields the pages of a list, to its end."""
    page = of.page(query(**asked))
    yield page
    while page.next_cursor is not None:
        page = of.page(query(**asked, cursor=page.next_cursor))
        yield page


def ids(found: Iterator[Page] | Sequence[Page]) -> list[str]:
    return [row.transaction_id for page in found for row in page.rows]


def wanted(items: Sequence[Item], passes: Callable[[Item], bool] = lambda _: True) -> set[str]:
    return {item["transaction_id"]["S"] for item in items if passes(item)}
