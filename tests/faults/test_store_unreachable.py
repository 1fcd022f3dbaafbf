"""DynamoDB cannot be reached: the response comes in time and says so, and the decision is in the queue."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectionClosedError

from fraudshield.aws import client
from fraudshield.breaker import Breaker
from fraudshield.budget import ATTEMPTS, BREAKER_S, REQUEST_S
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.scoring.decision import ScoredTransaction
from fraudshield.scoring.dynamo import DynamoTransactionStore
from fraudshield.scoring.dynamo_item import from_item
from fraudshield.scoring.scoring import Scorer
from fraudshield.transaction.built_in import BuiltInTransaction
from tests.caller import EXPLAIN, INFO, POLICY, ApiResponse, Caller
from tests.conftest import README_TRANSACTION
from tests.fakes import FakeAccounts, FakeParking, FakePolicies, FakePredictor, FakeStore
from tests.stack import Stack
from tests.timeouts import TIMES

# One transaction, whatever fails, and what a loaded machine adds of its own; without the promise it would be a minute.
PROMISE_S = TIMES * 2.5
CALL_S = TIMES * REQUEST_S


def timed(call: Callable[[], ApiResponse]) -> tuple[ApiResponse, float]:
    started = time.monotonic()
    return call(), time.monotonic() - started


def store_calls() -> list[str]:
    """Grows by every request to DynamoDB that is sent from now on."""
    sent: list[str] = []
    client.dynamodb().meta.events.register("before-send.dynamodb", lambda event_name, **_: sent.append(event_name))
    return sent


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_response_comes_in_time_and_the_decision_waits_in_the_queue(store_gone: Stack, caller: Caller) -> None:
    response, took = timed(lambda: caller.score(README_TRANSACTION))
    [entry] = response.json["results"]
    [item] = store_gone.parked()
    assert (response.status, entry["persisted"], entry["decision"]) == (200, False, "approve")
    assert from_item(item).decision.transaction_id == "test_123"
    assert from_item(item).decision.risk == entry["risk"]
    assert took < PROMISE_S


def test_the_policy_that_could_not_be_read_is_named(store_gone: Stack, caller: Caller) -> None:
    [entry] = caller.score(README_TRANSACTION).json["results"]
    assert (entry["degraded"], entry["policy_version"]) == (["policy_unread", "store_unavailable"], 1)


def test_an_entry_that_is_not_stored_names_the_store_and_its_parking_is_counted(
    store_gone: Stack, caller: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = [README_TRANSACTION | {"transaction_id": f"t{i}"} for i in range(3)]
    entries = caller.score(*sent).json["results"]
    assert all("store_unavailable" in entry["degraded"] and not entry["persisted"] for entry in entries)
    [counted] = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"ParkedRecord"' in line]
    assert (counted["ParkedRecord"], counted["scope"]) == ([3.0], "all")  # which the alarm Parked watches


def test_what_was_not_to_be_stored_misses_no_store(store_gone: Stack, caller: Caller) -> None:
    [entry] = caller.score(README_TRANSACTION, store=False).json["results"]
    assert (entry["persisted"], "store_unavailable" in entry["degraded"]) == (False, False)


def test_what_is_parked_is_stored_as_it_was_decided(store_gone: Stack, caller: Caller) -> None:
    caller.score(README_TRANSACTION)
    [item] = store_gone.parked()
    assert from_item(item).decision.degraded == ("policy_unread",)


def test_a_full_request_is_parked_whole_inside_its_deadline(store_gone: Stack, caller: Caller) -> None:
    sent = [README_TRANSACTION | {"transaction_id": f"t{i}"} for i in range(1000)]
    response, took = timed(lambda: caller.score(*sent))
    assert [entry["persisted"] for entry in response.json["results"]] == [False] * 1000
    assert {item["transaction_id"]["S"] for item in store_gone.parked()} == {one["transaction_id"] for one in sent}
    assert took < CALL_S


def test_the_first_failure_spares_the_next_requests_the_wait(store_gone: Stack, caller: Caller) -> None:
    caller.score(README_TRANSACTION)
    sent = store_calls()
    caller.score(README_TRANSACTION | {"transaction_id": "t2"})
    assert sent == []
    assert len(store_gone.parked()) == 2


def lead_to(url: str) -> None:
    """From now on, in the same process, DynamoDB's requests go elsewhere."""

    def lead(request: AWSRequest, **_: object) -> None:
        request.url = url

    client.dynamodb().meta.events.register("before-sign.dynamodb", lead)


def test_a_store_that_goes_away_between_two_requests_is_noticed_in_time(
    stack: Stack, fault: str, caller: Caller
) -> None:
    [before] = caller.score(README_TRANSACTION).json["results"]
    lead_to(fault)
    response, took = timed(lambda: caller.score(README_TRANSACTION | {"transaction_id": "t2"}))
    [after] = response.json["results"]
    assert (before["persisted"], after["persisted"], after["degraded"]) == (True, False, ["store_unavailable"])
    assert [item["transaction_id"]["S"] for item in stack.parked()] == ["t2"]
    assert took < PROMISE_S


def test_writes_stop_when_their_time_is_up(
    stack: Stack, fault: str, store: DynamoTransactionStore, transaction: Callable[..., BuiltInTransaction]
) -> None:
    many = decided(*(transaction(transaction_id=f"t{i}") for i in range(100)))
    lead_to(fault)
    started = time.monotonic()
    results = store.add(many, started + 1)
    assert {type(result).__name__ for result in results} == {"StoreUnavailable"}
    assert (len(results), time.monotonic() - started < CALL_S) == (100, True)


def test_no_write_starts_when_time_is_up_already(
    stack: Stack, store: DynamoTransactionStore, transaction: Callable[..., BuiltInTransaction]
) -> None:
    [one] = decided(transaction())
    sent = store_calls()
    [result] = store.add([one], time.monotonic() - 1)
    assert (type(result).__name__, sent) == ("StoreUnavailable", [])


@pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "InternalServerError", "AccessDenied"])
def test_a_refusal_by_dynamodb_itself_is_parked_too(stack: Stack, caller: Caller, code: str) -> None:
    body = Refusal(json.dumps({"__type": f"com.amazonaws#{code}"}).encode())

    def refuse(**_: object) -> Any:
        return AWSResponse("https://dynamodb", 400, HTTPHeaders(), body)

    client.dynamodb().meta.events.register_first("before-send.dynamodb.PutItem", refuse)
    response = caller.score(README_TRANSACTION)
    assert response.json["results"][0]["persisted"] is False
    assert (len(stack.parked()), code in response.text) == (1, False)


class Refusal:
    """A body as botocore reads it."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.body


def test_what_needs_the_store_is_a_503_and_says_when_to_come_again(store_gone: Stack, caller: Caller) -> None:
    for method, path, body in (("GET", POLICY, None), ("POST", EXPLAIN, {"transaction_id": "test_123"})):
        response, took = timed(lambda m=method, p=path, b=body: caller.send(m, p, b))  # type: ignore[misc]
        assert (response.status, response.json["code"]) == (503, "store_unavailable")
        assert response.headers["retry-after"] == "5"
        assert took < PROMISE_S


def test_what_needs_no_store_goes_on(store_gone: Stack, caller: Caller) -> None:
    sent = store_calls()
    assert caller.send("GET", INFO).status == 200
    assert sent == []
    assert caller.send("POST", EXPLAIN, {"transaction": README_TRANSACTION}).status == 200
    assert caller.score(README_TRANSACTION, store=False).status == 200
    assert store_gone.parked() == []


def test_with_the_queue_gone_too_nothing_is_promised(all_gone: Stack, caller: Caller) -> None:
    response, took = timed(lambda: caller.score(README_TRANSACTION))
    assert (response.status, response.json["code"]) == (503, "not_persisted")
    assert response.headers["retry-after"] == "5"
    assert "test_123" not in response.text
    assert took < PROMISE_S


def test_with_both_gone_a_full_request_fails_inside_its_deadline(all_gone: Stack, caller: Caller) -> None:
    response, took = timed(
        lambda: caller.score(*(README_TRANSACTION | {"transaction_id": f"t{i}"} for i in range(1000)))
    )
    assert (response.status, response.json["code"]) == (503, "not_persisted")
    assert took < CALL_S


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(stack: Stack, clock: Clock) -> DynamoTransactionStore:
    return DynamoTransactionStore(stack.transactions, BoundedCalls(Breaker(clock=clock), dynamo_wiring.pool()))


def throttled(times: int) -> list[str]:
    """DynamoDB refuses the next `times` requests; grows by every request that is made."""
    sent: list[str] = []

    def refuse(event_name: str, **_: object) -> None:
        sent.append(event_name)
        if len(sent) <= times:
            raise ConnectionClosedError(endpoint_url="https://dynamodb")

    client.dynamodb().meta.events.register_first("before-send.dynamodb.PutItem", refuse)
    return sent


def test_the_store_is_left_alone_for_five_seconds_and_then_tried_again(
    store: DynamoTransactionStore, clock: Clock, transaction: Callable[..., BuiltInTransaction]
) -> None:
    [one] = decided(transaction())
    sent = throttled(ATTEMPTS)
    assert kept(store, one) == "StoreUnavailable"
    clock.now += BREAKER_S - 0.001
    assert kept(store, one) == "StoreUnavailable"
    assert len(sent) == ATTEMPTS
    clock.now += 0.001
    assert kept(store, one) == "Decision"
    assert len(sent) == ATTEMPTS + 1


def test_one_failed_attempt_is_made_good_by_the_next(
    store: DynamoTransactionStore, transaction: Callable[..., BuiltInTransaction]
) -> None:
    [one] = decided(transaction())
    sent = throttled(ATTEMPTS - 1)
    assert kept(store, one) == "Decision"
    assert len(sent) == ATTEMPTS


def decided(*transactions: BuiltInTransaction) -> list[ScoredTransaction]:
    return Scorer(FakePredictor(), FakePolicies(), FakeStore(), FakeParking(), FakeAccounts()).decide(transactions)


def kept(store: DynamoTransactionStore, one: ScoredTransaction) -> str:
    """The kind of result that keeping it gave."""
    [result] = store.add([one], time.monotonic() + REQUEST_S)
    return type(result).__name__
