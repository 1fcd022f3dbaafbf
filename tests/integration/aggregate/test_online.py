"""Aggregates through the real function: read from the table's indexes, kept with the decision, and answered."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from fraudshield.aws.client import dynamodb
from fraudshield.event_type import wiring as event_type_wiring
from functions.policy import app as policy
from tests.aggregates.run import TYPE, Recorded, payments, put_type, send
from tests.aggregates.shop import SHOP
from tests.caller import EXPLAIN, REPLAY, Caller
from tests.conftest import README_TRANSACTION
from tests.stack import Stack
from tests.timeouts import wait_for_history

NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody listens
SENT = README_TRANSACTION | {"card": "card-1", "device": "device-1"}


@pytest.fixture(autouse=True)
def fresh(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a value is, and not when: a busy machine has all the time of a request for it."""
    wait_for_history(monkeypatch)
    event_type_wiring.event_types.cache_clear()
    yield
    event_type_wiring.event_types.cache_clear()


def at(minutes_ago: float) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes_ago)).isoformat()


def paid(name: str, minutes_ago: float, **changes: Any) -> dict[str, Any]:
    return SENT | {"transaction_id": name, "occurred_at": at(minutes_ago)} | changes


def test_sent_one_after_another_every_value_is_what_a_count_of_all_gives(stack: Stack) -> None:
    put_type()
    caller, chance, found = Caller(), Random("labels"), Recorded()
    for sent in payments(40, "small", cards=5):
        [entry] = send(caller, sent)
        found.note(sent, entry)
        if chance.random() < 0.1:
            found.label(chance.choice([*found.paid]), chance.choice(["fraud", "genuine"]))
    assert found.differing == []
    assert found.compared > 300


def test_they_are_kept_with_the_decision_and_a_repeat_and_a_replay_have_the_same(stack: Stack) -> None:
    put_type()
    send(Caller(), paid("t1", 5))
    second = paid("t2", 1)
    [entry] = send(Caller(), second)
    assert entry["aggregates"]["card_count_1h"] == 1
    assert entry["aggregates"]["card_spent_24h"] == 1000
    assert send(Caller(), second) == [entry]
    replayed = Caller().send("POST", REPLAY, {"transaction_id": "t2"}).json
    assert (replayed["same"], replayed["computed"]["aggregates"]) == (True, entry["aggregates"])
    [item] = [one for one in stack.items() if one["transaction_id"] == {"S": "t2"}]
    assert item["aggregates"]["M"]["card_count_1h"] == {"N": "1"}


def test_a_payment_of_the_built_in_type_asks_and_keeps_nothing(stack: Stack) -> None:
    put_type()
    queries: list[str] = []
    dynamodb().meta.events.register("before-call.dynamodb.Query", lambda **call: queries.append("query"))
    Caller().score(README_TRANSACTION)
    before = len(queries)
    [entry] = Caller().score(README_TRANSACTION | {"transaction_id": "t2"}).json["results"]
    assert ("aggregates" in entry, len(queries) - before) == (False, 0)
    assert "aggregates" not in stack.items()[0]


def test_what_cannot_be_read_is_named_and_the_payment_is_decided(stack: Stack) -> None:
    put_type({**SHOP, "aggregates": {"seen": {"count": True, "over": "card", "keep": True}}})
    send(Caller(), paid("t1", 5))

    def fails(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url=NOWHERE)

    dynamodb().meta.events.register("before-send.dynamodb.Query", fails)
    [entry] = send(Caller(), paid("t2", 1))
    assert (entry["degraded"], entry["persisted"]) == (["aggregate_unread:seen"], True)
    assert entry["aggregates"] == {"seen": {"not_evaluated": "unread"}}


def test_what_nobody_keeps_is_not_read(stack: Stack) -> None:
    put_type({**SHOP, "aggregates": {"seen": {"count": True, "over": "card"}}})
    [entry] = send(Caller(), paid("t1", 5))
    assert "aggregates" not in entry


def test_an_explanation_and_a_payment_that_is_not_stored_know_them_too(stack: Stack) -> None:
    put_type()
    send(Caller(), paid("t1", 5))
    assert Caller().send("POST", EXPLAIN, {"event_type": TYPE, "transaction": paid("t2", 1)}).status == 200
    [entry] = Caller().score(paid("t3", 1), event_type=TYPE, store=False).json["results"]
    assert entry["aggregates"]["card_count"] == 1
    [entry] = send(Caller(), paid("t4", 1))
    assert entry["aggregates"]["card_count"] == 1


def test_payments_of_one_call_do_not_see_each_other(stack: Stack) -> None:
    put_type()
    found = send(Caller(), paid("t1", 5), paid("t2", 4), paid("t3", 3))
    assert [one["aggregates"]["card_count"] for one in found] == [0, 0, 0]


def test_an_aggregate_that_cannot_be_is_refused_with_the_place(stack: Stack) -> None:
    broken = {**SHOP, "aggregates": {"seen": {"count": True, "over": "card", "where": "amuont > 5"}}}
    refused = Caller(handler=policy.lambda_handler).send("POST", "/api/v1/policy/event-types", broken)
    assert refused.status == 422
    [fault] = refused.json["errors"]
    assert (fault["pointer"], fault["code"]) == ("/aggregates/seen/where", "unknown_name")
    assert "character 1" in fault["detail"]
    assert "amount" in fault["detail"]
