"""Parked decisions go back into the store: none lost, none twice, whatever has happened meanwhile."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from fraudshield.aws import client
from fraudshield.breaker import Breaker
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.errors import Malformed, StoreUnavailable
from fraudshield.scoring.decision import ScoredTransaction
from fraudshield.scoring.dynamo_backfill import MESSAGE_S, Backfill, Filed, parked_items
from fraudshield.scoring.dynamo_item import from_item, to_item
from fraudshield.scoring.scoring import Scorer
from fraudshield.scoring.sqs import SqsParkingQueue
from fraudshield.transaction.built_in import BuiltInTransaction
from functions.model.backfill import lambda_handler
from tests.content import as_in_0_1
from tests.contract.expanded import properties, template
from tests.fakes import NOW, FakeAccounts, FakeErasures, FakeParking, FakePolicies, FakePredictor, FakeStore
from tests.stack import Stack

ROOT = Path(__file__).parents[3]
EVENTS = ROOT / "events"
NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody listens

Make = Callable[..., BuiltInTransaction]
Score = Callable[..., ScoredTransaction]


@pytest.fixture
def score(transaction: Make) -> Score:
    """A transaction as it was scored at `NOW`, with changes."""
    scorer = Scorer(FakePredictor(0.5), FakePolicies(), FakeStore(), FakeParking(), FakeAccounts(), clock=lambda: NOW)
    return lambda **changes: scorer.decide([transaction(**changes)])[0]


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as threads:
        yield threads


@pytest.fixture
def erasures() -> FakeErasures:
    return FakeErasures()


@pytest.fixture
def backfill(stack: Stack, erasures: FakeErasures, pool: ThreadPoolExecutor) -> Backfill:
    return Backfill(stack.transactions, erasures, BoundedCalls(Breaker(), pool))


def message(*scored: ScoredTransaction) -> str:
    """As the parking queue writes it."""
    return json.dumps({"items": [to_item(one, "api") for one in scored]})


def later(scored: ScoredTransaction, seconds: float = 1) -> ScoredTransaction:
    """The same transaction, decided again."""
    decision = replace(scored.decision, decided_at=scored.decision.decided_at + timedelta(seconds=seconds))
    return replace(scored, decision=decision)


def records(stack: Stack) -> dict[str, dict[str, Any]]:
    """Everything stored, by its sort key."""
    return {item["record"]["S"]: item for item in stack.items()}


def event(*bodies: str) -> dict[str, Any]:
    """A batch of messages, `m0` first."""
    frame = json.loads((EVENTS / "model_sqs_parked.json").read_text())["Records"][0]
    return {"Records": [frame | {"messageId": f"m{number}", "body": body} for number, body in enumerate(bodies)]}


def handle(batch: dict[str, Any]) -> list[str]:
    """The ids of the messages that failed."""
    context: Any = SimpleNamespace(aws_request_id="request", get_remaining_time_in_millis=lambda: 60_000)
    answer = lambda_handler(batch, context)
    return [str(failure["itemIdentifier"]) for failure in answer["batchItemFailures"]]


def test_a_parked_decision_is_stored_as_it_was_made(stack: Stack, backfill: Backfill, score: Score) -> None:
    scored = score()
    assert backfill.file(message(scored)) == [Filed.BACKFILLED]
    assert [from_item(item) for item in stack.items()] == [scored]


def test_filing_a_message_again_changes_nothing(stack: Stack, backfill: Backfill, score: Score) -> None:
    body = message(score(transaction_id="a"), score(transaction_id="b"))
    backfill.file(body)
    before = stack.items()
    assert backfill.file(body) == [Filed.KNOWN, Filed.KNOWN]
    assert stack.items() == before


def test_a_second_decision_is_kept_beside_the_first_and_marked(stack: Stack, backfill: Backfill, score: Score) -> None:
    first = score()
    second = later(first)
    backfill.file(message(first))
    assert backfill.file(message(second)) == [Filed.ANSWERED]
    kept = records(stack)
    assert from_item(kept["transaction"]) == first
    appended = kept["prediction#2026-11-24T10:00:01.000000Z#answered"]
    assert appended["answered"] == {"BOOL": True}
    assert appended["outcome"] == {"S": second.decision.outcome.value}


def test_an_appended_record_is_in_no_list_and_a_conflict_is_found_by_its_accounts(
    stack: Stack, backfill: Backfill, score: Score
) -> None:
    backfill.file(message(score()))
    backfill.file(message(later(score())))
    backfill.file(message(score(amount=2.0)))
    keys = {
        key["AttributeName"]
        for index in properties(template(), "TransactionsTable")["GlobalSecondaryIndexes"]
        for key in index["KeySchema"]
    }
    appended = [item for record, item in records(stack).items() if record != "transaction"]
    assert len(appended) == 2
    by_account = ["nameDest", "nameOrig", "occurred_at"]
    assert sorted(sorted(keys & item.keys()) for item in appended) == [[], by_account]


def test_a_decision_about_another_content_is_kept_whole(stack: Stack, backfill: Backfill, score: Score) -> None:
    other = score(amount=2.0)
    backfill.file(message(score()))
    assert backfill.file(message(other)) == [Filed.CONFLICTING]
    [conflict] = [item for record, item in records(stack).items() if record.startswith("conflict#")]
    assert from_item(conflict["transaction"]["M"]) == other


def test_what_version_0_1_parked_is_filed_once(stack: Stack, backfill: Backfill, score: Score) -> None:
    """Parked before an update and filed after it, or again after it."""
    one, other = score(), score(amount=2.0)
    before = [as_in_0_1(to_item(each, "api"), each.transaction) for each in (one, other, later(one))]
    message_before = json.dumps({"items": before[:1]})
    assert [backfill.file(message_before), backfill.file(message_before)] == [[Filed.BACKFILLED], [Filed.KNOWN]]
    assert backfill.file(message(one, later(one), other)) == [Filed.KNOWN, Filed.ANSWERED, Filed.CONFLICTING]
    stored = stack.items()
    assert backfill.file(json.dumps({"items": before[2:]})) == [Filed.ANSWERED]
    assert stack.items() == stored


def test_what_version_0_1_parked_is_known_beside_what_was_stored_since(
    stack: Stack, backfill: Backfill, score: Score
) -> None:
    one, other = score(), score(amount=2.0)
    assert backfill.file(message(one)) == [Filed.BACKFILLED]
    before = [as_in_0_1(to_item(each, "api"), each.transaction) for each in (one, later(one), other)]
    body = json.dumps({"items": before})
    assert backfill.file(body) == [Filed.KNOWN, Filed.ANSWERED, Filed.CONFLICTING]
    stored = stack.items()
    assert backfill.file(body) == [Filed.KNOWN, Filed.ANSWERED, Filed.CONFLICTING]
    assert stack.items() == stored


def test_what_an_erased_sender_sent_before_is_dropped(
    stack: Stack, backfill: Backfill, erasures: FakeErasures, score: Score
) -> None:
    erasures.marks = {"C1": NOW}
    gone, kept = (score(transaction_id=name, nameOrig=name) for name in ("C1", "C2"))
    assert backfill.file(message(gone, kept, gone)) == [Filed.ERASED, Filed.BACKFILLED, Filed.ERASED]
    assert [from_item(item) for item in stack.items()] == [kept]


def test_an_erased_recipient_gets_a_pseudonym_and_the_decision_stays(
    stack: Stack, backfill: Backfill, erasures: FakeErasures, score: Score
) -> None:
    erasures.marks = {"C2": NOW}
    one = score(nameDest="C2")
    assert [backfill.file(message(one)), backfill.file(message(one))] == [[Filed.BACKFILLED], [Filed.KNOWN]]
    [item] = stack.items()
    assert item["nameDest"] == {"S": "C-erased-somebody"}
    assert from_item(item).decision == one.decision
    assert item["content_hash"]["S"] == from_item(item).transaction.content_hash() != one.transaction.content_hash()


def test_what_came_after_the_erasure_is_stored(
    stack: Stack, backfill: Backfill, erasures: FakeErasures, score: Score
) -> None:
    erasures.marks = {"C1": NOW - timedelta(microseconds=1)}
    assert backfill.file(message(score(nameOrig="C1"))) == [Filed.BACKFILLED]


def test_where_nobody_can_say_who_was_erased_nothing_is_stored(
    stack: Stack, backfill: Backfill, erasures: FakeErasures, score: Score
) -> None:
    erasures.down = True
    with pytest.raises(StoreUnavailable):
        backfill.file(message(score()))
    assert stack.items() == []


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads change places at every chance, so that a race shows."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("restless")
@pytest.mark.parametrize("damage", [{"risk": {"N": "high"}}, {"reasons": {"S": "[1]"}}, {"outcome": {"S": ""}}])
def test_an_item_that_cannot_be_read_keeps_no_other_of_its_message_from_the_store(
    stack: Stack, backfill: Backfill, score: Score, damage: dict[str, Any]
) -> None:
    first, damaged, last = json.loads(message(*(score(transaction_id=name) for name in "abc")))["items"]
    body = json.dumps({"items": [first, damaged | damage, last]})
    for _ in range(2):
        with pytest.raises(Malformed, match="An item is no stored transaction"):
            backfill.file(body)
    assert sorted(item["transaction_id"]["S"] for item in stack.items()) == ["a", "c"]


def test_two_conflicts_of_one_instant_are_both_kept(stack: Stack, backfill: Backfill, score: Score) -> None:
    backfill.file(message(score(), score(amount=2.0), score(amount=3.0)))
    assert len(stack.items()) == 3


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no JSON",
        "[]",
        '"x"',
        "{}",
        '{"items": []}',
        '{"items": {}}',
        '{"items": [{}]}',
        '{"items": [null]}',
        '{"items": [{"transaction_id": "a"}]}',
        '{"items": [NaN]}',
    ],
)
def test_a_message_that_is_none_of_ours_is_malformed(body: str) -> None:
    with pytest.raises(Malformed):
        parked_items(body)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("record", {"S": "prediction#1"}),
        ("record", {"N": "1"}),
        ("content_hash", {"S": ""}),
        ("transaction_id", {"S": ""}),
        ("risk", {"N": "much"}),
        ("decided_at", {"S": "yesterday"}),
        ("features", {"L": [{"S": "x"}]}),
        ("step", {"N": "1e400"}),
        ("outcome", {"S": "perhaps"}),
        ("extra", 7),
        ("extra", {"N": "x"}),
        ("extra", {"nonsense": True}),
    ],
)
def test_a_damaged_item_is_malformed_and_spares_the_store(
    stack: Stack, backfill: Backfill, score: Score, field: str, value: object
) -> None:
    damaged = {**to_item(score(), "api"), field: value}
    with pytest.raises(Malformed):
        backfill.file(json.dumps({"items": [damaged]}))
    assert stack.items() == []
    assert backfill.file(message(score())) == [Filed.BACKFILLED]  # the breaker is closed


def test_a_store_that_is_away_fails_the_message_whole(
    backfill: Backfill, score: Score, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", NOWHERE)
    client.dynamodb.cache_clear()
    with pytest.raises(StoreUnavailable):
        backfill.file(message(score()))


def test_what_the_parking_queue_sends_can_be_filed(
    stack: Stack, backfill: Backfill, score: Score, pool: ThreadPoolExecutor
) -> None:
    scored = [score(transaction_id=f"t{number}") for number in range(300)]
    SqsParkingQueue(stack.unpersisted, pool).park(scored)
    bodies = list(parked(stack.unpersisted))
    assert len(bodies) > 1
    assert [filed for body in bodies for filed in backfill.file(body)] == [Filed.BACKFILLED] * 300
    assert len(stack.items()) == 300


def test_the_handler_stores_a_batch(stack: Stack, score: Score) -> None:
    assert handle(event(message(score(transaction_id="a")), message(score(transaction_id="b")))) == []
    assert {item["transaction_id"]["S"] for item in stack.items()} == {"a", "b"}


def test_an_unreadable_message_goes_to_the_dead_letters_at_once_and_alone(stack: Stack, score: Score) -> None:
    assert handle(event("no JSON", message(score()))) == []
    assert len(stack.items()) == 1
    assert stack.messages(dead_letters(stack)) == ["no JSON"]


def dead_letters(stack: Stack) -> str:
    return stack.resolver.refs["UnpersistedDeadLetters"]


def test_an_unreadable_message_that_no_queue_takes_comes_again(stack: Stack) -> None:
    boto3.client("sqs").delete_queue(QueueUrl=dead_letters(stack))
    assert handle(event("no JSON", "{}")) == ["m0", "m1"]


@pytest.mark.usefixtures("away")
def test_what_the_store_did_not_take_is_back_within_seconds(stack: Stack, score: Score) -> None:
    """The queue itself would hide it for six minutes."""
    sqs = boto3.client("sqs")
    sqs.send_message(QueueUrl=stack.unpersisted, MessageBody=message(score()))
    asked: dict[str, Any] = {"QueueUrl": stack.unpersisted, "AttributeNames": ["All"]}
    [received] = sqs.receive_message(**asked)["Messages"]
    batch = event(received["Body"])
    batch["Records"][0] |= {"receiptHandle": received["ReceiptHandle"], "attributes": received["Attributes"]}
    assert handle(batch) == ["m0"]
    [again] = sqs.receive_message(**asked, WaitTimeSeconds=20)["Messages"]
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"


@pytest.fixture
def away(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The store, to which nobody gets through."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", NOWHERE)
    client.dynamodb.cache_clear()
    yield
    client.dynamodb.cache_clear()


def test_outcomes_are_counted(stack: Stack, score: Score, capsys: pytest.CaptureFixture[str]) -> None:
    handle(event(message(score(), later(score()))))
    [metrics] = [line for line in map(json.loads, capsys.readouterr().out.splitlines()) if "_aws" in line]
    assert (metrics["Backfilled"], metrics["Answered"]) == ([1.0], [1.0])


@pytest.mark.parametrize(("name", "failed", "stored"), [("parked", 0, 2), ("unreadable", 0, 0)])
def test_the_recorded_events_go_through_the_handler(stack: Stack, name: str, failed: int, stored: int) -> None:
    batch = json.loads((EVENTS / f"model_sqs_{name}.json").read_text())
    assert len(handle(batch)) == failed
    assert len(stack.items()) == stored


def slow_batch(mapping: dict[str, Any], function: dict[str, Any]) -> bool:
    """Whether a batch of messages that all take their longest would meet the function's time-out."""
    return bool(mapping["BatchSize"] * MESSAGE_S >= function["Timeout"])


def test_a_slow_batch_ends_within_the_functions_time_out() -> None:
    mapping, function = (properties(template(), name) for name in ("BackfillFunctionUnpersisted", "BackfillFunction"))
    assert not slow_batch(mapping, function)
    assert slow_batch(mapping | {"BatchSize": 12}, function)


def parked(url: str) -> Iterator[str]:
    """The bodies of all messages in a queue."""
    sqs = boto3.client("sqs")
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        yield from bodies(messages)


def bodies(messages: Sequence[Any]) -> Iterator[str]:
    return (one["Body"] for one in messages)
