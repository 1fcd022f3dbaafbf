"""A payment of a type with every kind of field, role, entity and flag: found, counted, decided, logged and erased."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fraudshield.event_type import wiring as event_type_wiring
from functions.database import app as database
from functions.policy import app as policy
from tests.caller import POLICY, REPLAY, Caller
from tests.stack import Stack, client
from tests.timeouts import wait_for_history

NAME = "walk_payment"
PERSONAL = {"card": "canary-card", "device": "canary-device", "billing": "canary-home", "email": "canary@mail"}
WALK: dict[str, Any] = {
    "name": NAME,
    "unknown": "keep",
    "fields": {
        "charge_id": {"kind": "text", "role": "id", "from": "/id"},
        "created": {"kind": "instant", "role": "time"},
        "amount_minor": {
            "kind": "money", "role": "amount", "required": True, "unit": "minor", "currency": "currency", "minimum": 0,
        },
        "currency": {"kind": "category", "required": True, "values": ["EUR", "JPY"]},
        "card": {"kind": "text", "role": "sender", "required": True, "personal": True, "from": "/card/fingerprint"},
        "merchant": {"kind": "text", "role": "receiver"},
        "device": {"kind": "text", "entity": True, "personal": True},
        "billing": {"kind": "text", "entity": "address", "personal": True},
        "shipping": {"kind": "text", "entity": "address", "personal": True},
        "terminal": {"kind": "text", "entity": True, "busy": True},
        "email": {"kind": "text", "personal": True},
        "channel": {"kind": "category"},
        "items": {"kind": "integer", "minimum": 0, "maximum": 99},
        "gift": {"kind": "boolean"},
        "score": {"kind": "number", "minimum": -1, "maximum": 1},
        "first_seen": {"kind": "instant"},
        "declined": {"kind": "boolean", "later": True},
    },
    "shown": ["channel", "items", "gift", "device", "amount_minor"],
    "aggregates": {
        "device_paid": {"count": True, "over": "device"},
        "device_items": {"sum": "items", "over": "device", "within": "7d", "keep": True},
        "address_seen": {"of": "age", "over": "billing", "keep": True},
        "card_spent": {"sum": "amount", "over": "card", "within": "24h", "keep": True},
        "card_web": {"count": True, "over": "card", "where": 'channel == "web" && items > 1', "keep": True},
        "terminal_paid": {"count": True, "over": "terminal", "within": "24h", "keep": True},
    },
}  # fmt: skip
NOW = datetime.now(UTC)  # lists read days that were counted, and fresh ones
SENT: dict[str, Any] = {
    "id": "w-1", "created": (NOW - timedelta(hours=3)).isoformat(), "amount_minor": 1099, "currency": "EUR",
    "card": {"fingerprint": PERSONAL["card"]}, "merchant": "m-1", "device": PERSONAL["device"],
    "billing": PERSONAL["billing"], "shipping": "canary-work", "terminal": "T1", "email": PERSONAL["email"],
    "channel": "web", "items": 2, "gift": True, "score": -0.5, "first_seen": "2026-01-01T00:00:00Z", "note": "kept",
}  # fmt: skip
SECOND = SENT | {"id": "w-2", "created": (NOW - timedelta(hours=1)).isoformat(), "items": 3, "gift": False}
OTHER: dict[str, Any] = {
    "id": "w-3", "created": (NOW - timedelta(minutes=5)).isoformat(), "amount_minor": 1099, "currency": "JPY",
    "card": {"fingerprint": "other-card"}, "device": "other-device", "billing": "elsewhere",
    "shipping": PERSONAL["billing"], "channel": "app", "items": 3,
}  # fmt: skip
DATABASE = Caller(handler=database.lambda_handler)


@pytest.fixture(autouse=True)
def put(engine_stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    wait_for_history(monkeypatch)
    event_type_wiring.event_types.cache_clear()
    made = Caller(handler=policy.lambda_handler).send("POST", "/api/v1/policy/event-types", WALK)
    assert made.status == 201, made.text
    asks = [{"code": "known_device", "outcome": "review", "when": "device_paid >= 1 && card_spent > 10.98"}]
    body = {"based_on": 1, "thresholds": {"review": 0.02, "block": 0.4}, "conditions": asks}
    assert Caller().send("PUT", f"{POLICY}?event_type={NAME}", body).status == 200
    yield engine_stack
    event_type_wiring.event_types.cache_clear()


def scored(*sent: Any) -> list[Any]:
    found = []
    for one in sent:
        [entry] = Caller().score(one, event_type=NAME).json["results"]
        assert entry["persisted"], entry
        found.append(entry)
    return found


def listed(query: str) -> list[str]:
    found = DATABASE.send("GET", f"/api/v1/database/transactions?{query}")
    assert found.status == 200, found.text
    return sorted(row["transaction_id"] for row in found.json["transactions"])


def test_it_is_listed_by_what_its_type_shows_and_by_each_entity() -> None:
    scored(SENT, SECOND, OTHER)
    by_field = {
        "channel=web": ["w-1", "w-2"], "items=3": ["w-2", "w-3"], "gift=true": ["w-1"], "gift=false": ["w-2"],
        "channel=web&items=3": ["w-2"], "device=other-device": ["w-3"], "amount_minor=1099": ["w-1", "w-2", "w-3"],
        "min_amount=1000": ["w-3"],
    }  # fmt: skip
    assert {asked: listed(f"event_type={NAME}&{asked}") for asked in by_field} == by_field
    by_entity = {
        f"device:{PERSONAL['device']}": ["w-1", "w-2"],
        f"address:{PERSONAL['billing']}": ["w-1", "w-2", "w-3"],
        "address:canary-work": ["w-1", "w-2"],
        "account:other-card": ["w-3"],
        "account:m-1": ["w-1", "w-2"],
    }
    assert {asked: listed(f"entity={asked}") for asked in by_entity} == by_entity
    refused = DATABASE.send("GET", f"/api/v1/database/transactions?event_type={NAME}&email=canary@mail")
    assert (refused.status, refused.json["code"]) == (400, "invalid_parameter")


def test_its_aggregates_decide_and_are_kept_as_they_decided(put: Stack) -> None:
    first, second, other = scored(SENT, SECOND, OTHER)
    assert [one["decision"] for one in (first, second, other)] == ["approve", "review", "approve"]
    assert second["aggregates"] == {
        "device_paid": 1, "device_items": 2, "address_seen": 2.0, "card_spent": 10.99, "card_web": 1,
        "terminal_paid": 0,
    }  # fmt: skip
    assert (first["aggregates"]["device_items"], other["aggregates"]["address_seen"]) == (0, 0)
    shown = DATABASE.send("GET", "/api/v1/database/transactions/w-2").json
    assert shown["first_decision"]["aggregates"] == second["aggregates"]
    assert scored(SECOND) == [second]
    replayed = Caller().send("POST", REPLAY, {"transaction_id": "w-2"}).json
    assert (replayed["same"], replayed["computed"]["aggregates"]) == (True, second["aggregates"])


def test_no_line_of_the_log_names_anything_personal(written: Callable[[], str]) -> None:
    scored(SENT, SECOND)
    assert Caller().score(SENT | {"id": "bad", "items": PERSONAL["email"]}, event_type=NAME).status == 422
    assert Caller().score(SENT | {"amount_minor": 1}, event_type=NAME).status == 409
    told = written()
    assert "w-1" in told
    assert [value for value in ("canary", *PERSONAL.values()) if value in told] == []


@pytest.mark.parametrize(
    ("path", "gone", "stays"),
    [
        (f"entities/device/{PERSONAL['device']}", PERSONAL["device"], ["w-1", "w-2", "w-3"]),
        (f"entities/address/{PERSONAL['billing']}", PERSONAL["billing"], ["w-1", "w-2", "w-3"]),
        (f"accounts/{PERSONAL['card']}", "canary", ["w-3"]),
    ],
)
def test_each_personal_entity_is_erased_and_what_is_none_goes_with_the_sender(
    put: Stack, path: str, gone: str, stays: list[str]
) -> None:
    scored(SENT, SECOND, OTHER | {"shipping": "other", "billing": PERSONAL["billing"] if "address" in path else "b"})
    DATABASE.send("POST", "/api/v1/database/transactions/w-1/facts", {"declined": True})
    before = everything(put)
    assert all(value in before for value in PERSONAL.values())
    assert DATABASE.send("DELETE", f"/api/v1/database/{path}").status == 200
    assert gone not in everything(put)
    assert listed(f"event_type={NAME}") == stays
    left = {value for value in PERSONAL.values() if value in everything(put)}
    assert left == ({*PERSONAL.values()} - {gone} if gone != "canary" else set())


def everything(stack: Stack) -> str:
    """All that every table holds."""
    names = [name for name in stack.resolver.refs.values() if "Table" in name]
    return json.dumps([client("dynamodb").scan(TableName=name)["Items"] for name in names], default=str)
