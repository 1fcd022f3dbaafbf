"""What is told of a payment afterwards: once for each field that says later, shown with it, no part of its content."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from fraudshield.event_type import wiring as event_type_wiring
from functions.database import app as database
from functions.policy import app as policy
from tests.caller import REPLAY, ApiResponse, Caller
from tests.conftest import README_TRANSACTION
from tests.stack import Stack

SHOP: dict[str, Any] = {
    "name": "shop_payment",
    "extends": "payment",
    "fields": {
        "channel": {"kind": "category"},
        "declined": {"kind": "boolean", "later": True},
        "refunded": {"kind": "money", "later": True, "minimum": 0},
    },
    "unknown": "keep",
    "shown": ["channel", "declined"],
}
TYPE = {"event_type": "shop_payment"}
SENT = README_TRANSACTION | {"channel": "web"}
PATH = f"/api/v1/database/transactions/{SENT['transaction_id']}"


@pytest.fixture(autouse=True)
def payment(stack: Stack) -> Iterator[str]:
    event_type_wiring.event_types.cache_clear()
    assert Caller(handler=policy.lambda_handler).send("POST", "/api/v1/policy/event-types", SHOP).status == 201
    [entry] = Caller().score(SENT, **TYPE).entries
    yield entry
    event_type_wiring.event_types.cache_clear()


def tell(facts: Any, path: str = PATH) -> ApiResponse:
    return Caller("ScoreKey", handler=database.lambda_handler).send("POST", f"{path}/facts", facts)


def shown() -> Any:
    return Caller(handler=database.lambda_handler).send("GET", PATH).json["transaction"]


def test_a_fact_is_shown_with_its_payment_and_changes_nothing_else(stack: Stack, payment: str) -> None:
    before = shown()
    first, again = tell({"declined": True, "refunded": 12.5}), tell({"declined": True})
    assert (first.status, again.status) == (200, 200)
    assert [first.json["message"], again.json["message"]] == ["Kept with the transaction", "Kept already"]
    assert shown() == {**before, "declined": True, "refunded": 12.5}
    assert Caller().score(SENT, **TYPE).entries == [payment]
    assert Caller().send("POST", REPLAY, {"transaction_id": SENT["transaction_id"]}).json["same"] is True


def test_another_value_later_is_a_conflict(stack: Stack) -> None:
    tell({"declined": True})
    refused = tell({"declined": False, "refunded": 1})
    assert (refused.status, refused.json["code"]) == (409, "fact_conflict")
    assert "refunded" not in shown()
    assert tell({"refunded": 1}).status == 200
    assert (shown()["declined"], shown()["refunded"]) == (True, 1)


def test_lists_show_and_take_it_as_any_shown_field(stack: Stack) -> None:
    asked = "/api/v1/database/transactions?event_type=shop_payment&declined=true&channel=web"
    listed = Caller(handler=database.lambda_handler)
    assert listed.send("GET", asked).json["transactions"] == []
    tell({"declined": True})
    [row] = listed.send("GET", asked).json["transactions"]
    assert row["declined"] is True


@pytest.mark.parametrize(
    ("facts", "status", "pointer"),
    [
        ({"channel": "app"}, 422, "/channel"),
        ({"unknown": 1}, 422, "/unknown"),
        ({"declined": "yes"}, 422, "/declined"),
        ({"refunded": -1}, 422, "/refunded"),
        ({"declined": None}, 422, "/declined"),
        ({}, 422, ""),
        ([], 400, None),
    ],
)
def test_what_is_no_fact_is_refused_by_name(stack: Stack, facts: Any, status: int, pointer: str | None) -> None:
    refused = tell(facts)
    assert refused.status == status, refused.text
    assert pointer is None or [one["pointer"] for one in refused.json["errors"]] == [pointer]
    assert "facts" not in json.dumps(stack.items())


def test_it_is_told_of_no_payment_that_is_not_there_and_of_none_of_the_built_in_type(stack: Stack) -> None:
    assert tell({"declined": True}, "/api/v1/database/transactions/nobody").status == 404
    Caller().score(README_TRANSACTION | {"transaction_id": "plain"})
    assert tell({"declined": True}, "/api/v1/database/transactions/plain").status == 422


def test_it_is_never_sent_with_the_payment(stack: Stack) -> None:
    refused = Caller().score({**SENT, "transaction_id": "other", "declined": True}, **TYPE)
    [error] = refused.json["results"][0]["errors"]
    assert (error["code"], error["pointer"]) == ("later_field", "/transactions/0/declined")
