"""Velocity from the table's own indexes, through the real function."""

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from fraudshield.aws.client import dynamodb
from fraudshield.breaker import Breaker
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.policy.dynamo_velocity import DynamoVelocity
from fraudshield.policy.velocity import Movements
from fraudshield.predictor import wiring as predictor_wiring
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.occurrence import Occurrence
from tests.caller import EXPLAIN, POLICY, ApiResponse, Caller
from tests.conftest import README_TRANSACTION
from tests.stack import Stack, client

Make = Callable[..., BuiltInTransaction]
WEEK = timedelta(days=7)
ROOT = Path(__file__).parents[3]
NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody listens

# The examples that the documentation gives, in its order.
DOCUMENTED = re.findall(r"```json\n(.*?)```", (ROOT / "docs/policy.md").read_text(), re.DOTALL)
NIGHT, BURST, FAN_IN = (json.loads(block) for block in DOCUMENTED)


@pytest.fixture
def source(stack: Stack) -> Iterator[DynamoVelocity]:
    with ThreadPoolExecutor(4) as pool:
        yield DynamoVelocity(stack.transactions, BoundedCalls(Breaker(), pool), Breaker())


def sent(name: str, minutes_ago: float = 0, **changes: Any) -> dict[str, Any]:
    at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    return README_TRANSACTION | {"transaction_id": name, "occurred_at": at.isoformat()} | changes


def in_force(caller: Caller, *conditions: Any) -> None:
    thresholds = {"review": 0.99, "block": 1.0}
    change = {"based_on": 1, "thresholds": thresholds, "conditions": list(conditions)}
    assert caller.send("PUT", POLICY, change).status == 200


def read(source: DynamoVelocity, transaction: BuiltInTransaction) -> Movements | None:
    occurrence = Occurrence(transaction, transaction.occurred_at or datetime.now(UTC))
    [history] = source.histories([occurrence], {"origin": WEEK, "destination": WEEK})
    return history


def one(response: ApiResponse) -> Any:
    [entry] = response.json["results"]
    return entry


def test_a_burst_out_of_one_account_is_reviewed(stack: Stack, caller: Caller) -> None:
    in_force(caller, BURST)
    outcomes = [one(caller.score(sent(f"t{number}")))["decision"] for number in range(4)]
    assert outcomes == ["approve", "approve", "approve", "review"]
    entry = one(caller.score(sent("t4")))
    assert entry["reasons"][0]["code"] == "origin_burst"
    assert entry["velocity"] == {"origin_amount_1h": 4000.0, "origin_count_1h": 4.0}


def test_many_senders_into_a_fresh_account_are_reviewed(stack: Stack, caller: Caller) -> None:
    in_force(caller, FAN_IN)
    mule: Any = {"nameDest": "C-mule", "type": "TRANSFER"}
    outcomes = [one(caller.score(sent(f"t{number}", nameOrig=f"C{number}", **mule)))["decision"] for number in range(4)]
    assert outcomes == ["approve", "approve", "approve", "review"]


def test_the_same_senders_into_an_old_account_are_not(stack: Stack, caller: Caller) -> None:
    in_force(caller, FAN_IN)
    old: Any = {"nameDest": "C-shop", "type": "TRANSFER"}
    caller.score(sent("first", minutes_ago=60 * 30, nameOrig="C0", **old))
    outcomes = [one(caller.score(sent(f"t{n}", nameOrig=f"C{n}", **old)))["decision"] for n in range(5)]
    assert outcomes == ["approve"] * 5


def test_without_a_condition_on_it_nothing_is_read(stack: Stack, caller: Caller) -> None:
    queries: list[str] = []
    dynamodb().meta.events.register("before-call.dynamodb.Query", lambda **call: queries.append("query"))
    predictor_wiring.active_policy().newest()
    queries.clear()
    caller.score(sent("t1"), sent("t2"))
    assert queries == []


def test_a_replay_is_the_same_to_the_byte_and_counted_once(stack: Stack, caller: Caller) -> None:
    in_force(caller, BURST)
    first = sent("t1")
    responses = [caller.score(first).entries for _ in range(5)]
    assert responses == [responses[0]] * 5
    assert one(caller.score(sent("t2")))["velocity"]["origin_count_1h"] == 1


def test_what_happened_after_it_or_too_long_ago_is_not_counted(
    stack: Stack, caller: Caller, source: DynamoVelocity, transaction: Make
) -> None:
    caller.score(sent("old", minutes_ago=7 * 24 * 60 + 1), sent("later", minutes_ago=-3), sent("now", minutes_ago=1))
    history = read(source, transaction(transaction_id="asking"))
    assert history is not None
    assert [len(history["origin"]), len(history["destination"])] == [1, 1]
    assert history["origin"][0].amount == Decimal(1000)


def test_a_conflict_beside_a_transaction_is_not_counted(
    stack: Stack, caller: Caller, source: DynamoVelocity, transaction: Make
) -> None:
    caller.score(sent("t1"))
    [item] = stack.items()
    beside = item | {"record": {"S": "conflict#1"}}
    client("dynamodb").put_item(TableName=stack.transactions, Item=beside)
    history = read(source, transaction(transaction_id="asking"))
    assert history is not None
    assert len(history["origin"]) == 1


def test_a_source_that_is_away_is_said_and_the_store_is_not_spared_for_it(
    stack: Stack, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_force(caller, BURST)

    def fails(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url=NOWHERE)

    dynamodb().meta.events.register("before-send.dynamodb.Query", fails)
    entry = one(caller.score(sent("t1")))
    assert (entry["degraded"], entry["persisted"], entry["decision"]) == (["velocity_unread"], True, "approve")


def test_while_the_store_is_spared_velocity_is_too(stack: Stack, source: DynamoVelocity, transaction: Make) -> None:
    source.store.trip()
    assert read(source, transaction()) is None


def test_an_explanation_asks_for_velocity_as_well(stack: Stack, caller: Caller) -> None:
    in_force(caller, BURST)
    caller.score(*[sent(f"t{number}") for number in range(3)])
    response = caller.send("POST", EXPLAIN, {"transaction": sent("t9")}).json
    assert "origin_burst" in [reason["code"] for reason in response["reasons"]]


@pytest.mark.parametrize(
    "clause",
    [
        {"field": "origin_count_2h", "at_least": 1},
        {"field": "origin_count_1h", "any_of": ["1"]},
        {"field": "origin_senders_1h", "at_least": 1},
    ],
)
def test_a_velocity_that_there_is_not_is_refused(lasting_stack: Stack, caller: Caller, clause: Any) -> None:
    condition = {"code": "odd", "outcome": "review", "when": [clause]}
    change = {"based_on": 1, "thresholds": {"review": 0.5, "block": 0.9}, "conditions": [condition]}
    response = caller.send("PUT", POLICY, change)
    assert (response.status, response.json["code"]) == (422, "invalid_policy")


def test_the_expression_that_is_documented_is_one() -> None:
    in_force(Caller(), NIGHT)
