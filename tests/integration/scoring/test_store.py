"""The store under threads: one write for each id whoever comes first, and nothing lost of a full call."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from threading import Barrier

from fraudshield.aws import client
from fraudshield.scoring import wiring as scoring_wiring
from fraudshield.scoring.decision import ScoredTransaction
from fraudshield.scoring.dynamo_item import from_item, to_item
from fraudshield.scoring.port import Kept
from fraudshield.scoring.scoring import DecisionResult, Scorer
from fraudshield.transaction.built_in import BuiltInTransaction
from tests.caller import POLICY, ApiResponse, Caller
from tests.concurrently import concurrently
from tests.conftest import README_TRANSACTION
from tests.fakes import FakeAccounts, FakeParking, FakePolicies, FakePredictor
from tests.stack import Stack

CALLERS = 50


class NaiveStore:
    """Looks first and writes then, here at the worst moment: everybody has looked before anybody writes."""

    def __init__(self, table: str) -> None:
        self.table = table
        self.looked = Barrier(CALLERS)

    def add(self, scored: Sequence[ScoredTransaction], stop_at: float) -> list[Kept]:
        return [self._add_one(one) for one in scored]

    def find(self, transaction_id: str) -> ScoredTransaction | None:
        key = {"transaction_id": {"S": transaction_id}, "record": {"S": "transaction"}}
        found = client.dynamodb().get_item(TableName=self.table, Key=key, ConsistentRead=True)
        return from_item(found["Item"]) if "Item" in found else None

    def _add_one(self, one: ScoredTransaction) -> Kept:
        stored = self.find(one.transaction.transaction_id)
        self.looked.wait()
        if stored is not None:
            return stored.decision
        client.dynamodb().put_item(TableName=self.table, Item=to_item(one, "api"))
        return one.decision


def decisions(scorer: Scorer, transaction: BuiltInTransaction) -> set[object]:
    """The distinct decisions that concurrent callers get for one transaction."""
    responses = concurrently([lambda: scorer.score([transaction], time.monotonic())] * CALLERS)
    return {answer.decision for [answer] in responses if isinstance(answer, DecisionResult)}


def puts() -> list[int]:
    """Grows by the status of every write that DynamoDB answers from now on."""
    statuses: list[int] = []
    client.dynamodb().meta.events.register(
        "after-call.dynamodb.PutItem", lambda http_response, **_: statuses.append(http_response.status_code)
    )
    return statuses


def warm(caller: Caller) -> None:
    """Clients are made once in a process, and not by several threads at once."""
    caller.score(README_TRANSACTION | {"transaction_id": "warm"})


def test_fifty_concurrent_posts_of_one_id_are_one_write_and_fifty_identical_entries(
    engine_stack: Stack, caller: Caller
) -> None:
    warm(caller)
    writes = puts()
    responses = concurrently([lambda: caller.score(README_TRANSACTION)] * CALLERS)
    assert [response.status for response in responses] == [200] * CALLERS
    assert len({entry for response in responses for entry in response.entries}) == 1
    assert sorted(writes) == [200] + [400] * (CALLERS - 1)
    assert len(engine_stack.items()) == 2


def test_of_fifty_contents_under_one_id_one_is_stored_and_the_others_are_conflicts(
    engine_stack: Stack, caller: Caller
) -> None:
    warm(caller)
    bodies = [README_TRANSACTION | {"amount": amount} for amount in range(CALLERS)]
    responses = concurrently([lambda body=body: caller.score(body) for body in bodies])  # type: ignore[misc]
    assert sorted(response.status for response in responses) == [200] + [409] * (CALLERS - 1)
    [amount] = [item["amount"]["N"] for item in engine_stack.items() if item["transaction_id"]["S"] == "test_123"]
    assert responses[int(amount)].status == 200


def test_the_check_sees_a_store_that_looks_before_it_writes(
    engine_stack: Stack, transaction: Callable[..., BuiltInTransaction]
) -> None:
    client.dynamodb()
    naive = Scorer(
        FakePredictor(), FakePolicies(), NaiveStore(engine_stack.transactions), FakeParking(), FakeAccounts()
    )
    sound = Scorer(FakePredictor(), FakePolicies(), scoring_wiring.transaction_store(), FakeParking(), FakeAccounts())
    assert len(decisions(sound, transaction(transaction_id="sound"))) == 1
    assert len(decisions(naive, transaction(transaction_id="naive"))) > 1


def test_a_full_call_is_stored_or_parked_whole(engine_stack: Stack, caller: Caller) -> None:
    sent = [README_TRANSACTION | {"transaction_id": f"t{i}"} for i in range(1000)]
    response = caller.score(*sent)
    entries = response.json["results"]
    stored, parked = stored_ids(engine_stack), {item["transaction_id"]["S"] for item in engine_stack.parked()}
    assert [entry["transaction_id"] for entry in entries] == [one["transaction_id"] for one in sent]
    assert {entry["transaction_id"] for entry in entries if entry["persisted"]} <= stored
    assert {entry["transaction_id"] for entry in entries if not entry["persisted"]} == parked
    assert response.status == 200


def stored_ids(stack: Stack) -> set[str]:
    pages = client.dynamodb().get_paginator("scan").paginate(TableName=stack.transactions)
    return {item["transaction_id"]["S"] for page in pages for item in page["Items"]}


def test_of_two_who_change_the_policy_at_once_one_wins(engine_stack: Stack, caller: Caller) -> None:
    warm(caller)
    changes = [{"based_on": 1, "thresholds": {"review": 0.1, "block": 0.5}, "note": str(i)} for i in range(8)]
    responses: list[ApiResponse] = concurrently([partial(caller.send, "PUT", POLICY, change) for change in changes])
    assert sorted(response.status for response in responses) == [200] + [409] * 7
    [won] = [response.json for response in responses if response.status == 200]
    assert caller.send("GET", POLICY).json == won
