"""Payments of types of one's own in lists: by entity, by the fields that their type shows, by type."""

from collections.abc import Iterator
from typing import Any

import pytest

from fraudshield.event_type import wiring as event_type_wiring
from functions.database import app as database
from functions.ingest import app as ingest
from functions.policy import app as policy
from tests.caller import ApiResponse, Caller
from tests.conftest import README_TRANSACTION
from tests.event_types import CARD, WITH_DEVICE
from tests.stack import Stack

SHOP: dict[str, Any] = {
    "name": "shop_payment",
    "extends": "payment",
    "fields": {
        "device_id": {"kind": "text", "entity": "device", "personal": True},
        "billing": {"kind": "text", "entity": "address", "personal": True},
        "shipping": {"kind": "text", "entity": "address", "personal": True},
        "channel": {"kind": "category"},
        "items": {"kind": "integer", "minimum": 0},
        "gift": {"kind": "boolean"},
    },
    "shown": ["channel", "items", "gift"],
}
CHARGE: dict[str, Any] = {
    "id": "charge",
    "amount": 1099,
    "currency": "EUR",
    "card": {"fingerprint": "f-1"},
    "merchant": "m-1",
    "device_id": "d-3",
}
SENT: dict[str, dict[str, Any]] = {
    "shop_1": {"device_id": "d:1", "billing": "here", "shipping": "there", "channel": "web", "items": 2, "gift": True},
    "shop_2": {"device_id": "d-2", "billing": "there", "channel": "app", "items": 3},
    "shop_3": {"device_id": "d:1", "billing": "there", "shipping": "there", "channel": "web", "items": 2.0},
}


@pytest.fixture(scope="module")
def stored(lasting_stack: Stack) -> Iterator[Stack]:
    event_type_wiring.event_types.cache_clear()
    for document in (WITH_DEVICE, SHOP, CARD):
        sent = Caller(handler=policy.lambda_handler).send("POST", "/api/v1/policy/event-types", document)
        assert sent.status == 201
    for name, own in SENT.items():
        body = {**README_TRANSACTION, "transaction_id": name, **own}
        assert Caller().score(body, event_type="shop_payment").json["results"][0]["persisted"]
    web = {**README_TRANSACTION, "transaction_id": "web_1", "device_id": "d-2"}
    assert Caller().score(web, event_type="web_payment").json["results"][0]["persisted"]
    assert Caller().score(README_TRANSACTION | {"transaction_id": "plain"}).json["results"][0]["persisted"]
    assert Caller().score(CHARGE, event_type="card_payment").json["results"][0]["persisted"]
    yield lasting_stack
    event_type_wiring.event_types.cache_clear()


def listing(query: str) -> ApiResponse:
    return Caller(handler=database.lambda_handler).send("GET", f"/api/v1/database/transactions?{query}")


def found(query: str) -> set[str]:
    """The ids of a list, read two at a time; each comes once."""
    rows, more = [], ""
    while True:
        page = listing(f"{query}&limit=2{more}").json
        rows += [row["transaction_id"] for row in page["transactions"]]
        if page["next_cursor"] is None:
            assert len(rows) == len({*rows})
            return {*rows}
        more = f"&cursor={page['next_cursor']}"


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("entity=device:d%3A1", {"shop_1", "shop_3"}),
        ("entity=device:d%253A1", {"shop_1", "shop_3"}),
        ("entity=device:d-2", {"shop_2", "web_1"}),
        ("entity=device:d-2&event_type=web_payment", {"web_1"}),
        ("entity=device:d-2&type=PAYMENT&min_risk=0", {"shop_2", "web_1"}),
        ("entity=device:d-2&type=TRANSFER", set()),
        ("entity=address:there", {"shop_1", "shop_2", "shop_3"}),
        ("entity=address:here", {"shop_1"}),
        ("entity=address:nowhere", set()),
        ("entity=nothing:there", set()),
        ("event_type=shop_payment&channel=web", {"shop_1", "shop_3"}),
        ("event_type=shop_payment&items=2e0&gift=true", {"shop_1"}),
        ("event_type=shop_payment&account=C123456789&channel=app", {"shop_2"}),
        ("event_type=payment", {"plain"}),
        ("event_type=card_payment", {"charge"}),
        ("event_type=card_payment&account=f-1&min_amount=10.99&max_amount=10.99", {"charge"}),
        ("entity=device:d-3", {"charge"}),
        ("entity=account:m-1", {"charge"}),
        ("account=f-1", set()),
        ("event_type=web_payment", {"web_1"}),
        ("min_amount=0", {"plain", "web_1", *SENT}),
    ],
)
def test_a_list_has_what_it_was_asked_for(stored: Stack, query: str, ids: set[str]) -> None:
    assert found(query) == ids


def test_a_row_has_what_its_type_shows_and_no_more(stored: Stack) -> None:
    [row] = listing("event_type=shop_payment&items=3").json["transactions"]
    assert {"event_type": "shop_payment", "channel": "app", "items": 3, "type": "PAYMENT"}.items() <= row.items()
    assert not {"gift", "device_id", "billing", "fields", "shown"} & row.keys()
    [plain] = listing("event_type=payment").json["transactions"]
    assert "event_type" not in plain


def test_a_row_of_a_type_without_payments_fields_has_its_roles(stored: Stack) -> None:
    [row] = listing("event_type=card_payment").json["transactions"]
    assert (row["type"], row["amount"], row["nameOrig"], row["nameDest"]) == (None, 10.99, "f-1", "m-1")


@pytest.mark.parametrize(
    ("query", "status", "code", "pointer"),
    [
        ("channel=web", 400, "invalid_parameter", "?channel"),
        ("event_type=web_payment&channel=web", 400, "invalid_parameter", "?channel"),
        ("event_type=shop_payment&billing=here", 400, "invalid_parameter", "?billing"),
        ("event_type=shop_payment&items=many", 400, "invalid_parameter", "?items"),
        ("event_type=shop_payment&gift=maybe", 400, "invalid_parameter", "?gift"),
        ("event_type=nobodys", 404, "unknown_event_type", None),
        ("entity=device", 400, "invalid_parameter", "?entity"),
    ],
)
def test_what_cannot_be_asked_is_named(stored: Stack, query: str, status: int, code: str, pointer: str | None) -> None:
    refused = listing(query)
    assert (refused.status, refused.json["code"]) == (status, code), refused.text
    assert [one["pointer"] for one in refused.json.get("errors", [])] == ([pointer] if pointer else [])


def test_an_export_is_narrowed_as_a_list(stored: Stack) -> None:
    rows = Caller(handler=ingest.lambda_handler).send(
        "GET", "/api/v1/ingest/export?event_type=shop_payment&channel=web&min_amount=1"
    )
    assert rows.status == 200, rows.text
    assert {line.partition(",")[0] for line in rows.text.splitlines()[1:]} == {"shop_1", "shop_3"}
    by_device = Caller(handler=ingest.lambda_handler).send("GET", "/api/v1/ingest/export?entity=device:d-2")
    assert {line.partition(",")[0] for line in by_device.text.splitlines()[1:]} == {"shop_2", "web_1"}


def test_a_cursor_of_one_value_is_none_of_another(stored: Stack) -> None:
    cursor = listing("event_type=shop_payment&channel=web&limit=1").json["next_cursor"]
    refused = listing(f"event_type=shop_payment&channel=app&limit=1&cursor={cursor}")
    assert (refused.status, refused.json["code"]) == (400, "invalid_cursor")
