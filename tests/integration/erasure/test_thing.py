"""A value of an entity is erased: the payments stay, and the value stands nowhere, in no table and in no queue."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.erasure import wiring as erasure_wiring
from fraudshield.erasure.erasure import Received, keepable
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.scoring.dynamo_backfill import Backfill, Filed
from fraudshield.transaction.dynamo import transaction_of
from functions.database import app as database
from functions.ingest import app as ingest
from functions.ingest import worker
from functions.policy import app as policy
from tests.caller import REPLAY, ApiResponse, Caller, Context
from tests.conftest import README_TRANSACTION
from tests.labelling import EMPTIED
from tests.stack import Stack, client

CANARY = "canary-device-7f3a"
SHOP: dict[str, Any] = {
    "name": "shop_payment",
    "extends": "payment",
    "unknown": "keep",
    "fields": {
        "device_id": {"kind": "text", "entity": "device", "personal": True},
        "second_device": {"kind": "text", "entity": "device", "personal": True},
        "terminal": {"kind": "text", "entity": "terminal", "busy": True},
        "channel": {"kind": "category"},
    },
    "shown": ["device_id", "channel"],
}
TYPE = {"event_type": "shop_payment"}
ADMIN = Caller(handler=database.lambda_handler)
PATH = f"/api/v1/database/entities/device/{CANARY}"


@pytest.fixture
def shop(engine_stack: Stack) -> Iterator[Stack]:
    event_type_wiring.event_types.cache_clear()
    assert Caller(handler=policy.lambda_handler).send("POST", "/api/v1/policy/event-types", SHOP).status == 201
    yield engine_stack
    event_type_wiring.event_types.cache_clear()


def payment(name: str, **own: Any) -> dict[str, Any]:
    return {**README_TRANSACTION, "transaction_id": name, "channel": "web", **own}


def score(name: str, **own: Any) -> None:
    [entry] = Caller().score(payment(name, **own), **TYPE).json["results"]
    assert entry["persisted"]


def file(stack: Stack, *items: dict[str, Any]) -> list[Filed]:
    backfill = Backfill(stack.transactions, erasure_wiring.erasures(), dynamo_wiring.store_calls())
    return backfill.file(json.dumps({"items": list(items)}))


def erase(path: str = PATH) -> ApiResponse:
    return ADMIN.send("DELETE", path)


def everything(stack: Stack) -> str:
    """All that every table holds, and all that waits in queues."""
    found = [
        client("dynamodb").scan(TableName=name)["Items"] for name in stack.resolver.refs.values() if "Table" in name
    ]
    return json.dumps(found, default=str)


def stored(stack: Stack, name: str, record: str = "transaction") -> dict[str, Any]:
    return next(
        item for item in stack.items() if item["transaction_id"]["S"] == name and item["record"]["S"].startswith(record)
    )


def test_the_value_stands_nowhere_and_every_payment_is_still_there(shop: Stack, tmp_path: Path) -> None:
    score("one", device_id=CANARY, note={"seen": [CANARY, "other"]})
    score("two", second_device=CANARY, device_id="d-2", **EMPTIED)
    score("three", device_id="d-2")
    ADMIN.send("PUT", "/api/v1/database/transactions/two/label", {"label": "fraud", "source": "chargeback"})
    other = stored(shop, "three")
    other["fields"] = {"M": {**other["fields"]["M"], "device_id": {"S": CANARY}}}
    other["entity_1"] = {"S": f"device#{CANARY}"}
    other["content_hash"] = {"S": transaction_of(other).content_hash()}
    assert file(shop, other) == [Filed.CONFLICTING]
    assert everything(shop).count(CANARY) > 8

    receipt = erase()
    assert receipt.status == 200, receipt.text
    assert receipt.json["done"] == {"deleted": 0, "pseudonymised": 3, "list_entries": 0}
    assert receipt.json["complete"] is False  # a call under way may store for some seconds more

    assert CANARY not in everything(shop)
    assert {item["transaction_id"]["S"] for item in shop.items()} == {"one", "two", "three"}
    one, two, conflict = stored(shop, "one"), stored(shop, "two"), stored(shop, "three", "conflict#")
    pseudonym = one["fields"]["M"]["device_id"]["S"]
    assert "-erased-" in pseudonym
    assert one["fields"]["M"]["kept"]["M"]["note"]["M"]["seen"]["L"] == [{"S": pseudonym}, {"S": "other"}]
    assert one["shown"]["M"] == {"device_id": {"S": pseudonym}, "channel": {"S": "web"}}
    assert (one["entity_1"], two["entity_2"]) == ({"S": f"device#{pseudonym}"},) * 2
    assert two["label"] == {"S": "fraud"}
    for item in (one, two, conflict["transaction"]["M"]):
        assert item["content_hash"]["S"] == transaction_of(item).content_hash()
    listed = ADMIN.send("GET", f"/api/v1/database/transactions?entity=device:{pseudonym}").json["transactions"]
    assert {row["transaction_id"] for row in listed} == {"one", "two"}
    assert Caller().send("POST", REPLAY, {"transaction_id": "one"}).json["same"] is True


def test_what_was_in_flight_gets_the_pseudonym_and_what_comes_later_is_kept(shop: Stack) -> None:
    score("before", device_id=CANARY)
    parked = stored(shop, "before") | {"transaction_id": {"S": "parked"}}
    parked["content_hash"] = {"S": transaction_of(parked).content_hash()}
    sent = Caller(handler=ingest.lambda_handler).send(
        "POST", "/api/v1/ingest/ingest", {"transaction": payment("queued", device_id=CANARY), **TYPE}
    )
    assert sent.status == 202
    [queued] = shop.messages(shop.ingest)
    assert erase().status == 200
    assert file(shop, parked) == [Filed.BACKFILLED]
    context: Any = Context()
    record = {"messageId": "m", "body": queued, "attributes": {"ApproximateReceiveCount": "1"}}
    assert worker.lambda_handler({"Records": [record]}, context) == {"batchItemFailures": []}
    assert CANARY not in everything(shop)
    assert {item["transaction_id"]["S"] for item in shop.items()} == {"before", "parked", "queued"}
    assert len({item["entity_1"]["S"] for item in shop.items()}) == 1

    score("later", device_id=CANARY)
    assert stored(shop, "later")["entity_1"] == {"S": f"device#{CANARY}"}


def test_an_erasure_that_is_called_again_goes_on_and_is_complete(shop: Stack) -> None:
    score("one", device_id=CANARY)
    assert erase().json["complete"] is False
    key = {"account_hash": {"S": erasure_wiring.erasures().mark(f"device#{CANARY}")}}
    before = (datetime.now(UTC) - timedelta(minutes=1)).isoformat(timespec="microseconds").replace("+00:00", "Z")
    client("dynamodb").update_item(
        TableName=shop.erasures,
        Key=key,
        UpdateExpression="SET erased_at = :at",
        ExpressionAttributeValues={":at": {"S": before}},
    )
    again = erase().json
    assert (again["complete"], again["done"]["pseudonymised"]) == (again["files"]["complete"], 1)


def test_an_account_of_the_same_name_is_not_erased(shop: Stack) -> None:
    score("one", device_id="C123456789")
    assert erase("/api/v1/database/entities/device/C123456789").json["done"]["pseudonymised"] == 1
    assert stored(shop, "one")["nameOrig"] == {"S": "C123456789"}
    score("two", device_id="d-2")
    assert stored(shop, "two")["nameOrig"] == {"S": "C123456789"}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("entities/nothing/x", 404),
        ("entities/terminal/x", 422),
        ("entities/device/%00", 422),
        ("entities/De-vice/x", 404),
    ],
)
def test_what_cannot_be_erased_is_not_called_erased(shop: Stack, path: str, status: int) -> None:
    assert erase(f"/api/v1/database/{path}").status == status


def test_of_a_busy_entity_it_is_said_that_nothing_is_erased_and_why(shop: Stack) -> None:
    refused = erase("/api/v1/database/entities/terminal/T1").json
    assert (refused["code"], "not found by its values" in refused["detail"]) == ("busy_entity", True)


def till() -> str:
    """A payment that nobody is named to have sent, with a person's mail address; where it is erased."""
    document = {
        "name": "till_payment",
        "fields": {
            "total": {"kind": "money", "role": "amount", "required": True},
            "email": {"kind": "text", "personal": True},
        },
    }
    made = Caller(handler=policy.lambda_handler).send("POST", "/api/v1/policy/event-types", document)
    assert made.status == 201, made.text
    score_till("till-1")
    return "/api/v1/database/transactions/till-1"


def score_till(name: str) -> None:
    sent = {"transaction_id": name, "total": 5, "email": CANARY}
    [entry] = Caller().score(sent, event_type="till_payment").json["results"]
    assert entry["persisted"], entry


def test_a_payment_without_a_sender_is_erased_by_its_id(shop: Stack) -> None:
    path = till()
    ADMIN.send("PUT", f"{path}/label", {"label": "genuine"})
    score_till("till-2")
    erased = erase(path).json
    assert (erased["done"]["deleted"], erased["files"]["complete"], erased["complete"]) == (1, True, False)
    assert {item["transaction_id"]["S"] for item in shop.items()} == {"till-2"}
    assert erase("/api/v1/database/transactions/never-was").json["complete"]


def test_what_was_on_its_way_under_the_id_of_an_erased_payment_is_dropped(shop: Stack) -> None:
    path = till()
    received = datetime.now(UTC)
    [sent] = [transaction_of(item) for item in shop.items() if item["record"]["S"] == "transaction"]
    erase(path)
    both = [Received(sent, received), Received(sent, datetime.now(UTC) + timedelta(seconds=1))]
    assert keepable(both, erasure_wiring.erasures()) == [None, sent]


def test_a_payment_with_a_sender_goes_with_that_account(shop: Stack) -> None:
    score("one", device_id="d-1")
    refused = erase("/api/v1/database/transactions/one")
    assert (refused.status, refused.json["code"]) == (409, "has_sender")
    assert stored(shop, "one")


def test_an_account_is_an_entity_too(shop: Stack) -> None:
    score("one", device_id="d-1")
    assert erase("/api/v1/database/entities/account/C123456789").json["done"]["deleted"] == 1
    assert shop.items() == []
