"""What could not be stored waits in the queue, as it would have been written."""

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ConnectionClosedError

from fraudshield.aws import client
from fraudshield.errors import QueueUnavailable, StoreUnavailable
from fraudshield.scoring import wiring as scoring_wiring
from fraudshield.scoring.decision import ScoredTransaction
from fraudshield.scoring.dynamo_item import from_item, to_item
from fraudshield.scoring.port import Kept
from fraudshield.scoring.scoring import Scorer
from fraudshield.scoring.sqs import MESSAGE_BYTES, SqsParkingQueue
from fraudshield.transaction.built_in import BuiltInTransaction
from functions.model import backfill
from tests.caller import Context
from tests.fakes import FakeAccounts, FakePolicies, FakePredictor
from tests.stack import Stack

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

Make = Callable[..., BuiltInTransaction]
SQS_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class GoneStore:
    """Takes nothing."""

    def add(self, scored: Sequence[ScoredTransaction], stop_at: float) -> list[Kept]:
        return [StoreUnavailable("gone") for _ in scored]

    def find(self, transaction_id: str) -> ScoredTransaction | None:
        raise StoreUnavailable("gone")


def scorer(stack: Stack, pool: ThreadPoolExecutor, retention_days: int = 0) -> Scorer:
    parking = SqsParkingQueue(stack.unpersisted, pool, retention_days=retention_days)
    return Scorer(FakePredictor(0.95), FakePolicies(), GoneStore(), parking, FakeAccounts())


def score(stack: Stack, transactions: Sequence[BuiltInTransaction], retention_days: int = 0) -> list[ScoredTransaction]:
    """Decides and parks; returns what was decided."""
    with ThreadPoolExecutor(8) as pool:
        path = scorer(stack, pool, retention_days)
        scored = path.decide(transactions)
        path.parking.park(scored)
    return scored


def name_of(item: "Item") -> str:
    return item["transaction_id"]["S"]


def fat(make: Make, i: int) -> BuiltInTransaction:
    """As long as a transaction's texts may be, in characters that JSON escapes to twelve bytes each."""
    return make(transaction_id=f"{'🙂' * 120}{i}", nameOrig="🙂" * 64, nameDest="🙂" * 64)


def test_a_parked_record_is_read_back_exactly(stack: Stack, transaction: Make) -> None:
    sent = [transaction(), transaction(transaction_id="t2", occurred_at="2026-11-24T09:00:00.5Z", amount=0.01)]
    scored = score(stack, sent)
    assert [from_item(item) for item in stack.parked()] == scored


def test_a_parked_record_is_the_item_that_would_have_been_stored(stack: Stack, transaction: Make) -> None:
    [one] = score(stack, [transaction()], retention_days=30)
    assert stack.parked() == [to_item(one, "api", retention_days=30)]


def test_a_message_is_an_object_with_items(stack: Stack, transaction: Make) -> None:
    score(stack, [transaction()])
    [message] = stack.messages()
    assert json.loads(message).keys() == {"items"}


@pytest.mark.parametrize("make", [lambda make, i: make(transaction_id=f"t{i}"), fat], ids=["usual", "fat"])
def test_a_full_call_is_parked_whole_in_messages_that_sqs_takes(
    stack: Stack, transaction: Make, make: Callable[[Make, int], BuiltInTransaction]
) -> None:
    scored = score(stack, [make(transaction, i) for i in range(1000)])
    messages = stack.messages()
    items = [item for message in messages for item in json.loads(message)["items"]]
    assert len(messages) > 1
    assert max(len(message.encode()) for message in messages) <= MESSAGE_BYTES + 20 < SQS_BYTES
    assert sorted(item["transaction_id"]["S"] for item in items) == sorted(
        one.transaction.transaction_id for one in scored
    )


def test_one_message_that_is_not_taken_fails_the_call(stack: Stack, transaction: Make) -> None:
    sent: list[object] = []

    def fail_the_second(**call: object) -> None:
        sent.append(call)
        if len(sent) == 2:
            raise ConnectionClosedError(endpoint_url="https://sqs")

    client.sqs().meta.events.register_first("before-send.sqs.SendMessage", fail_the_second)
    with pytest.raises(QueueUnavailable, match=r"^1 of \d+ messages not taken: ConnectionClosedError"):
        score(stack, [transaction(transaction_id=f"t{i}") for i in range(1000)])


def test_a_queue_that_is_not_there_is_unavailable(stack: Stack, transaction: Make) -> None:
    with ThreadPoolExecutor(1) as pool:
        scored = scorer(stack, pool).decide([transaction()])
        with pytest.raises(QueueUnavailable):
            SqsParkingQueue(f"{stack.unpersisted}-not", pool).park(scored)


def test_what_was_parked_comes_into_the_store_as_it_was_answered(stack: Stack, transaction: Make) -> None:
    [one] = score(stack, [transaction()])
    context: Any = Context()
    records = [{"messageId": "m", "body": body, "eventSource": "aws:sqs"} for body in stack.messages()]
    assert backfill.lambda_handler({"Records": records}, context) == {"batchItemFailures": []}
    assert [from_item(item) for item in stack.items()] == [one]
    [again] = scoring_wiring.transaction_store().add([one], time.monotonic() + 1)
    assert again == one.decision
