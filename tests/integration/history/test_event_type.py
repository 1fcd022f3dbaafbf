"""Payments of a type of one's own, as they are stored before they are decided, listed and exported."""

import csv
import json
from collections.abc import Iterator
from copy import deepcopy
from io import StringIO
from typing import Any

import pytest

from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.history.export import COLUMNS, MOST_BYTES
from functions.database import app as database
from functions.ingest import app as ingest
from functions.policy import app as policy
from tests.caller import ApiResponse, Caller
from tests.conftest import README_TRANSACTION
from tests.event_types import CARD, WITH_DEVICE
from tests.stack import Stack

TYPE = {"event_type": "web_payment"}
SENT = {**README_TRANSACTION, "device_id": "d-1", "currency": "EUR"}
ID = README_TRANSACTION["transaction_id"]
TRANSACTIONS = "/api/v1/database/transactions"
BALANCES = ["step", "oldbalanceOrg", "newbalanceOrig", "oldbalanceDest", "newbalanceDest"]


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
        ({"transaction": SENT, "event_type": "card_payment"}, 422, "/transaction/merchant"),
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


def exported(query: str = "") -> list[dict[str, str]]:
    text = Caller(handler=ingest.lambda_handler).send("GET", f"/api/v1/ingest/export{query}").text
    return list(csv.DictReader(StringIO(text)))


WIDE = {
    "name": "wide_payment",
    "extends": "payment",
    "unknown": "keep",
    "fields": {
        "note": {"kind": "text"},
        "fee": {"kind": "number"},
        "is_new": {"kind": "boolean"},
        "city": {"kind": "text"},
    },
}
FORMULA = "=cmd()"


def test_an_export_has_the_columns_of_the_types_that_occur_after_the_built_in_ones() -> None:
    put(WIDE)
    Caller().score({**README_TRANSACTION, "transaction_id": "plain"})
    assert [*exported()[0]] == [*COLUMNS]
    Caller().score({**SENT, "transaction_id": "web"}, **TYPE)
    wide = {**README_TRANSACTION, "transaction_id": "wide", "note": FORMULA, "fee": -1.50, "is_new": False}
    Caller().score({**wide, "+x": [FORMULA, 1]}, event_type="wide_payment")
    rows = exported()
    own = ["event_type", "device_id", "currency", "note", "fee", "is_new", "city", "kept"]
    assert [*rows[0]] == [*COLUMNS, *BALANCES, *own]
    assert {row["transaction_id"]: [row[name] for name in own] for row in rows} == {
        "plain": [""] * 8,
        "web": ["web_payment", "d-1", "EUR", "", "", "", "", ""],
        "wide": ["wide_payment", "", "", "'=cmd()", "-1.5", "false", "", '{"+x":["=cmd()",1.0]}'],
    }


def test_what_was_kept_under_the_name_of_a_built_in_column_does_not_take_its_place() -> None:
    put(WIDE)
    Caller().score({**README_TRANSACTION, "label": "fraud", "event_type": "x"}, event_type="wide_payment")
    [row] = exported()
    assert (row["label"], row["event_type"]) == ("", "wide_payment")
    assert json.loads(row["kept"]) == {"label": "fraud", "event_type": "x"}
    assert len(row) == len(COLUMNS) + len(BALANCES) + 6


def test_ids_of_an_export_are_known_when_they_come_back_with_labels() -> None:
    for name in ("=1+1", "-2", "web"):
        Caller().score({**SENT, "transaction_id": name}, **TYPE)
    cells = [row["transaction_id"] for row in exported()]
    assert "'=1+1" in cells
    file = "\n".join(["transaction_id,label", *(f"{cell},fraud" for cell in cells)])
    sent = Caller(handler=database.lambda_handler, headers={"content-type": "text/csv"})
    answer = sent.send_text("POST", "/api/v1/database/labels", file)
    assert (answer.status, answer.json["labelled"]) == (200, 3)
    assert {row["label"] for row in exported()} == {"fraud"}


def test_an_export_with_large_fields_goes_on_by_its_link_and_loses_none() -> None:
    put({**WIDE, "fields": {f"text_{number}": {"kind": "text"} for number in range(90)}})
    large = {f"text_{number}": "\u4e16" * 512 for number in range(90)}
    many = [{**README_TRANSACTION, "transaction_id": f"t{number}", **large} for number in range(20)]
    for one in many:
        while not Caller().score(one, event_type="wide_payment").json["results"][0]["persisted"]:
            pass  # a busy machine: it is sent again
    caller, following, found = Caller(handler=ingest.lambda_handler), "export", []
    while following:
        page = caller.send("GET", f"/api/v1/ingest/{following}")
        assert len(page.text.encode()) <= MOST_BYTES
        found += [row["transaction_id"] for row in csv.DictReader(StringIO(page.text))]
        following = page.headers.get("link", "<>").removeprefix("<").partition(">")[0]
    assert sorted(found) == sorted(one["transaction_id"] for one in many)
