"""Analytics by category field: of a type of one's own, exactly once, with a bounded number of values."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from fraudshield.analytics import counter_wiring
from fraudshield.analytics.category.category import MOST_VALUES, REST
from fraudshield.event_type import wiring as event_type_wiring
from functions.analytics import app
from tests.aggregates.run import put_type
from tests.caller import Caller
from tests.stack import Stack, client
from tests.stream_history import Item, change, deliver, labelled, shards

PREFIX = "/api/v1/analytics"
CARD: Any = {
    "name": "card_payment",
    "fields": {
        "number": {"kind": "text", "role": "id"},
        "paid_at": {"kind": "instant", "role": "time"},
        "total": {"kind": "money", "role": "amount", "unit": "major", "currency": "EUR", "required": True},
        "channel": {"kind": "category"},
        "country": {"kind": "category", "values": ["DE", "FR"]},
        "faith": {"kind": "category", "personal": True},
    },
}
MANY = MOST_VALUES + 10


@pytest.fixture
def stack(engine_stack: Stack) -> Iterator[Stack]:
    event_type_wiring.event_types.cache_clear()
    put_type(CARD)
    yield engine_stack
    event_type_wiring.event_types.cache_clear()


@pytest.fixture
def analyst() -> Caller:
    return Caller("AnalystKey", handler=app.lambda_handler)


def stored(stack: Stack, number: int) -> list[Item]:
    """Payments that were scored: two of each channel, as far as the number goes."""
    at = datetime.now(UTC).isoformat()
    sent = [
        {"number": f"n{at}", "paid_at": now, "total": at + 1, "channel": f"c{at % MANY}", "country": "DE", "faith": "x"}
        for at, now in enumerate([at] * number)
    ]
    assert Caller().score(*sent, event_type="card_payment").status == 200
    return [one for one in stack.items() if one["record"]["S"] == "transaction"]


def told(analyst: Caller, query: str, call: str = "fraud-trends") -> Any:
    response = analyst.send("GET", f"{PREFIX}/{call}?days=3&{query}")
    assert response.status == 200, response.text
    return response.json


def test_values_have_places_as_far_as_there_are_and_the_rest_is_counted_together(stack: Stack, analyst: Caller) -> None:
    end = [labelled(one, "fraud", 0.1) if at % 3 == 0 else one for at, one in enumerate(stored(stack, 2 * MANY))]
    records = [change(None, {n: v for n, v in one.items() if not n.startswith("label")}) for one in end]
    records += [change(records[at]["dynamodb"]["NewImage"], one) for at, one in enumerate(end) if "label" in one]
    deliver(shards(records, "card"), 0.3, "card")
    by_channel = {value: told(analyst, f"event_type=card_payment&channel={value}") for value in _values(analyst)}
    assert len(by_channel) == MOST_VALUES + 1
    expected: Counter[str] = Counter()
    frauds: Counter[str] = Counter()
    for one in end:
        channel = one["fields"]["M"]["channel"]["S"]
        place = channel if channel in by_channel else REST
        expected[place] += 1
        frauds[place] += "label" in one
    assert {value: one["total"]["transactions"] for value, one in by_channel.items()} == expected
    assert {value: one["total"]["labelled_fraud"] for value, one in by_channel.items()} == {
        value: frauds[value] for value in expected
    }
    assert (expected[REST], sum(expected.values())) == (20, 2 * MANY)
    gone = next(f"c{at}" for at in range(MANY) if f"c{at}" not in by_channel)
    refused = analyst.send("GET", f"{PREFIX}/fraud-trends?event_type=card_payment&channel={gone}")
    assert (refused.status, refused.json["code"]) == (404, "not_found")
    assert "channel=* asks for all others" in refused.json["detail"]


def _values(analyst: Caller) -> list[str]:
    shown = told(analyst, "event_type=card_payment&channel=*")["category"]
    assert shown["counted_from"] == "2026-11-24"
    return [*shown["values"], REST]


def test_a_type_alone_and_every_call_know_its_payments(stack: Stack, analyst: Caller) -> None:
    records = [change(None, one) for one in stored(stack, 30)]
    deliver(shards(records, "all"), 0.5, "all")
    total = sum(range(1, 31))
    for query in ("event_type=card_payment", "event_type=card_payment&country=DE"):
        trends = told(analyst, query)
        assert (trends["total"]["transactions"], trends["total"]["amount"]) == (30, total)
        assert sum(one["approved"] for one in trends["hours"]) == 30
        assert told(analyst, query, "dashboard-summary")["fraud_trends"]["total"] == trends["total"]
        patterns = told(analyst, query, "transaction-patterns")
        assert sum(one["transactions"] for one in patterns["by_amount"]) == 30
        assert patterns["category"]["value"] == (None if "country" not in query else "DE")
    assert told(analyst, "event_type=card_payment&country=FR")["total"]["transactions"] == 0
    assert told(analyst, "event_type=payment")["total"]["transactions"] == 0


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("event_type=nobodys", 404, "unknown_event_type"),
        ("event_type=card_payment&faith=x", 400, "invalid_parameter"),
        ("event_type=card_payment&number=n1", 400, "invalid_parameter"),
        ("event_type=card_payment&type=TRANSFER", 400, "invalid_parameter"),
        ("event_type=card_payment&country=IT", 400, "invalid_parameter"),
        ("event_type=card_payment&country=DE&channel=c1", 400, "invalid_parameter"),
        ("event_type=card_payment&sources=batch", 400, "invalid_parameter"),
        ("channel=c1", 400, "invalid_parameter"),
    ],
)
def test_what_is_not_counted_is_refused_by_name(
    stack: Stack, analyst: Caller, query: str, status: int, code: str
) -> None:
    response = analyst.send("GET", f"{PREFIX}/risk-distribution?{query}")
    assert (response.status, response.json["code"]) == (status, code)


def test_two_processes_that_give_places_at_once_agree(stack: Stack, analyst: Caller) -> None:
    """Each remembers its own: what one has given is the other's too, and the last place is given once."""
    records = [change(None, one) for one in stored(stack, MANY)]
    Random("places").shuffle(records)
    by_shard = shards(records, "places")
    for one in by_shard.values():
        counter_wiring.stream_counter.cache_clear()
        deliver({"shardId-000000": [], **{name: some for name, some in by_shard.items() if some is one}}, 0, "one")
    counter_wiring.stream_counter.cache_clear()
    [register] = [
        one
        for one in client("dynamodb").scan(TableName=stack.aggregates)["Items"]
        if one["series"]["S"] == "categories" and one["bucket"]["S"].endswith("#channel")
    ]
    assert len(register["values"]["SS"]) == MOST_VALUES
    counted = [told(analyst, f"event_type=card_payment&channel={value}") for value in _values(analyst)]
    assert sum(one["total"]["transactions"] for one in counted) == MANY


def test_what_came_before_its_field_was_counted_is_in_none_of_it(stack: Stack, analyst: Caller) -> None:
    """As of a store that an earlier release counted: a label of one of its payments says nothing of the category."""
    item = stored(stack, 1)[0]
    old = item | {"received_at": {"S": "2026-11-20T10:00:00.000000Z"}}
    records = [change(old, labelled(old, "fraud", 0.1)), change(None, item | {"transaction_id": {"S": "new"}})]
    deliver(shards(records, "old"), 0, "old")
    figures = told(analyst, "event_type=card_payment&country=DE")["total"]
    assert (figures["transactions"], figures["labelled_fraud"]) == (1, 0)
