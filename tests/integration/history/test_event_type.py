"""Payments of a type of one's own, stored before they are decided: kept with their fields, filled in by their score."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from fraudshield.event_type import wiring as event_type_wiring
from functions.database import app as database
from functions.policy import app as policy
from tests.caller import ApiResponse, Caller
from tests.conftest import README_TRANSACTION
from tests.event_types import CARD, WITH_DEVICE
from tests.stack import Stack

TYPE = {"event_type": "web_payment"}
SENT = {**README_TRANSACTION, "device_id": "d-1", "currency": "EUR"}
ID = README_TRANSACTION["transaction_id"]
TRANSACTIONS = "/api/v1/database/transactions"


def put(document: Any) -> None:
    assert Caller(handler=policy.lambda_handler).send("POST", "/api/v1/policy/event-types", document).status == 201


@pytest.fixture(autouse=True)
def types(stack: Stack) -> Iterator[None]:
    event_type_wiring.event_types.cache_clear()
    put(WITH_DEVICE)
    yield
    event_type_wiring.event_types.cache_clear()


def store(body: Any) -> ApiResponse:
    return Caller(handler=database.lambda_handler).send("POST", TRANSACTIONS, body)


def shown() -> Any:
    return Caller(handler=database.lambda_handler).send("GET", f"{TRANSACTIONS}/{ID}").json


def test_it_is_kept_with_its_fields_and_without_a_decision(stack: Stack) -> None:
    answers = [store({"transaction": SENT, **TYPE}) for _ in range(2)]
    assert [one.status for one in answers] == [200, 200]
    assert answers[1].json["message"] == "Stored already, with this content"
    found = shown()
    assert {"device_id": "d-1", "currency": "EUR", "source": "store", **TYPE}.items() <= found["transaction"].items()
    assert (found["transaction"]["decision"], found["first_decision"]) == (None, None)


def test_its_first_score_fills_the_decision_in(stack: Stack) -> None:
    store({"transaction": SENT, **TYPE})
    first, again = (Caller().score(SENT, **TYPE).entries for _ in range(2))
    assert first == again
    [item] = stack.items()
    assert (item["source"]["S"], item["fields"]["M"]["device_id"]) == ("api", {"S": "d-1"})
    assert shown()["first_decision"]["event_type"] == "web_payment"


def test_what_one_version_stored_and_the_next_one_scored_names_the_version_that_scored_it() -> None:
    store({"transaction": SENT, **TYPE})
    wider = deepcopy(dict(WITH_DEVICE))
    wider["fields"]["channel"] = {"kind": "category"}
    put(wider)
    first = Caller().score(SENT, **TYPE)
    assert first.json["results"][0]["event_type_version"] == 2
    assert Caller().score(SENT, **TYPE).entries == first.entries
    assert shown()["transaction"]["event_type_version"] == 2


@pytest.mark.parametrize("other", [{"device_id": "d-2"}, {"currency": None}])
def test_another_device_is_another_content(stack: Stack, other: Any) -> None:
    store({"transaction": SENT, **TYPE})
    before = stack.items()
    assert store({"transaction": SENT | other, **TYPE}).status == 409
    assert store({"transaction": README_TRANSACTION}).status == 409
    assert Caller().score(SENT | other, **TYPE).status == 409
    assert stack.items() == before


def test_the_built_in_type_may_be_named(stack: Stack) -> None:
    assert store({"transaction": README_TRANSACTION, "event_type": "payment"}).status == 200
    [item] = stack.items()
    assert "event_type" not in item


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"transaction": SENT | {"currency": "GBP"}, **TYPE}, 422, "/transaction/currency"),
        ({"transaction": SENT}, 422, "/transaction/device_id"),
        (SENT | TYPE, 422, "/event_type"),
        ({"transaction": SENT, "event_type": "card_payment"}, 422, "/event_type"),
        ({"transaction": SENT, "event_type": "nothing"}, 404, None),
        ({"transaction": SENT, "event_type": 7}, 400, None),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(
    stack: Stack, body: Any, status: int, pointer: str | None
) -> None:
    put(CARD)
    refused = store(body)
    assert refused.status == status
    assert pointer is None or pointer in [one["pointer"] for one in refused.json["errors"]]
    assert stack.items() == []
