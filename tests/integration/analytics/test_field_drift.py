"""Drift of the fields of an event type of one's own, from the stream to the answer."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from fraudshield.analytics import counter_wiring
from fraudshield.event_type import wiring as event_type_wiring
from functions.analytics import app
from functions.monitoring import schedule
from tests.aggregates.run import put_type
from tests.caller import Caller, Context
from tests.stack import Stack
from tests.stream_history import Item, Record, change, count, labelled

PERFORMANCE = "/api/v1/analytics/model-performance"
CARD: Any = {
    "name": "card_payment",
    "fields": {
        "number": {"kind": "text", "role": "id"},
        "paid_at": {"kind": "instant", "role": "time"},
        "total": {"kind": "money", "role": "amount", "unit": "major", "currency": "EUR", "required": True},
        "fee": {"kind": "number"},
        "age": {"kind": "integer", "personal": True},
        "channel": {"kind": "category"},
    },
}
DAILY, SHIFT = 75, 3


@pytest.fixture
def stack(engine_stack: Stack) -> Iterator[Stack]:
    for cached in (event_type_wiring.event_types, counter_wiring.stream_counter):
        cached.cache_clear()
    put_type(CARD)
    yield engine_stack
    for cached in (event_type_wiring.event_types, counter_wiring.stream_counter):
        cached.cache_clear()


@pytest.fixture
def analyst() -> Caller:
    return Caller("AnalystKey", handler=app.lambda_handler)


def payment(stack: Stack) -> Item:
    """One as it is stored."""
    now = datetime.now(UTC).isoformat()
    sent = {"number": "n1", "paid_at": now, "total": 10, "fee": 1, "age": 40, "channel": "web"}
    assert Caller().score(sent, event_type="card_payment").status == 200
    [item] = [one for one in stack.items() if one["record"]["S"] == "transaction"]
    return item


def days(item: Item, first: int, last: int, times: int = 1) -> list[Record]:
    """Stored payments of some days, counted in days before today; their totals so many times as large."""
    chance, midnight = Random(f"drift {first}"), datetime.now(UTC).replace(hour=0, minute=0)
    stored = []
    for at in range(first, last, -1):
        for number in range(DAILY):
            occurred_at = (midnight - timedelta(days=at)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            total, fee = chance.lognormvariate(4, 1) * times, chance.lognormvariate(1, 1)
            own = {"total": {"N": f"{total:.2f}"}, "fee": {"N": f"{fee:.2f}"}}
            fields = {"M": item["fields"]["M"] | own | {"channel": {"S": chance.choice(["web", "app", "shop"])}}}
            told = {"transaction_id": {"S": f"{at}-{number}"}, "fields": fields}
            stored.append(item | told | {"occurred_at": {"S": occurred_at}, "received_at": {"S": occurred_at}})
    return [change(None, one) for one in stored] + [change(one, labelled(one, "genuine", 1)) for one in stored[:20]]


def deliver(records: list[Record]) -> None:
    """All of them, the first hundred twice."""
    made_s = int((datetime.now(UTC) - timedelta(days=30)).timestamp())
    numbered = [
        one | {"dynamodb": one["dynamodb"] | {"SequenceNumber": f"{at:021d}", "ApproximateCreationDateTime": made_s}}
        for at, one in enumerate(records, 1)
    ]
    count("shardId-000000", numbered)
    count("shardId-000000", numbered[:100])


def drift(analyst: Caller, query: str = "event_type=card_payment") -> Any:
    response = analyst.send("GET", f"{PERFORMANCE}?{query}")
    assert response.status == 200, response.text
    return response.json["field_drift"]


def test_the_field_that_moved_is_named_and_no_other(stack: Stack, analyst: Caller) -> None:
    item = payment(stack)
    deliver([*days(item, 29, 22), *days(item, 6, -1, times=SHIFT)])
    found = drift(analyst)
    assert next((one["field"], one["drifted"]) for one in found["fields"]) == ("total", True)
    assert {one["field"]: one["index"] < 0.25 for one in found["fields"]} == {
        "total": False,
        "fee": True,
        "channel": True,
    }
    today = datetime.now(UTC).date()
    first, last = (str(today - timedelta(days=at)) for at in (29, 23))
    assert found["reference"] == {"from": first, "to": last, "payments": 7 * DAILY}
    assert found["compared"]["payments"] == 7 * DAILY
    assert (found["enough"], found["counted_from"]) == (True, str(today - timedelta(days=30)))
    assert drift(analyst, "event_type=card_payment&channel=web") is None
    assert drift(analyst, "event_type=payment") is drift(analyst, "days=7") is None


def test_a_type_of_which_nothing_was_counted_says_so(stack: Stack, analyst: Caller) -> None:
    found = drift(analyst)
    assert (found["counted_from"], found["reference"], found["enough"]) == (None, None, False)
    assert {one["index"] for one in found["fields"]} == {None}
    assert "age" not in json.dumps(found)


def test_the_clock_makes_it_a_metric_of_an_alarm_that_is_there(
    stack: Stack, analyst: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    item = payment(stack)
    deliver([*days(item, 29, 22), *days(item, 6, -1, times=SHIFT)])
    capsys.readouterr()
    schedule.lambda_handler({"check": "drift"}, Context())
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"TrafficDrift"' in line]
    assert [one["TrafficDrift"] for one in told] == [[drift(analyst)["fields"][0]["index"]]]
