"""Payments of a type of one's own at every route: scored, queued, explained, stored and shown with their fields."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from fraudshield.aws import client
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.event_type.active import ActiveEventTypes
from fraudshield.event_type.check import read_document
from fraudshield.scoring.dynamo_item import from_item, to_item
from fraudshield.transaction.extended import ExtendedTransaction
from functions.database import app as database
from functions.ingest import app as ingest
from functions.ingest import worker
from functions.policy import app as policy
from tests.authors import ADA
from tests.caller import EXPLAIN, SCORE, ApiResponse, Caller, Context
from tests.conftest import README_TRANSACTION
from tests.event_types import WITH_DEVICE
from tests.fakes import NOW
from tests.stack import Stack

TYPE = {"event_type": "web_payment"}
SENT = {**README_TRANSACTION, "device_id": "d-1", "currency": "EUR"}
SHOWN = {"event_type": "web_payment", "event_type_version": 1}


@pytest.fixture(autouse=True)
def put(stack: Stack) -> Iterator[None]:
    event_type_wiring.event_types.cache_clear()
    assert Caller(handler=policy.lambda_handler).send("POST", "/api/v1/policy/event-types", WITH_DEVICE).status == 201
    event_type_wiring.event_types.cache_clear()
    yield
    event_type_wiring.event_types.cache_clear()


def stored(transaction_id: str) -> Any:
    found = Caller(handler=database.lambda_handler).send("GET", f"/api/v1/database/transactions/{transaction_id}")
    assert found.status == 200
    return found.json


def test_a_payment_is_scored_as_the_built_in_one_and_says_its_type() -> None:
    [plain] = Caller().score({**README_TRANSACTION, "transaction_id": "plain"}).json["results"]
    [own] = Caller().score(SENT, **TYPE).json["results"]
    assert {name: own[name] for name in ("risk", "decision", "model_version")} == {
        name: plain[name] for name in ("risk", "decision", "model_version")
    }
    assert {name: own[name] for name in SHOWN} == SHOWN
    assert len(own["event_type_digest"]) == 64
    assert "event_type" not in plain


def test_its_fields_are_stored_in_one_map_and_shown_beside_the_others(stack: Stack) -> None:
    Caller().score(SENT, **TYPE)
    [item] = stack.items()
    assert item["fields"] == {"M": {"device_id": {"S": "d-1"}, "currency": {"S": "EUR"}}}
    assert "device_id" not in item
    shown = stored(README_TRANSACTION["transaction_id"])
    assert {"device_id": "d-1", "currency": "EUR", **SHOWN}.items() <= shown["transaction"].items()
    assert SHOWN.items() <= shown["first_decision"].items()


def test_the_same_payment_again_gets_the_same_bytes_and_another_device_is_a_conflict() -> None:
    first = Caller().score(SENT, **TYPE)
    assert Caller().score(SENT, **TYPE).entries == first.entries
    assert Caller().score({**SENT, "device_id": "d-2"}, **TYPE).status == 409
    assert Caller().score(README_TRANSACTION).status == 409
    assert Caller().score(README_TRANSACTION, **TYPE).status == 409


def test_a_bad_field_fails_alone_with_its_place() -> None:
    answer = Caller().score(SENT, {**SENT, "transaction_id": "b", "currency": "GBP"}, **TYPE)
    good, bad = answer.json["results"]
    assert (answer.status, good["decision"] is None, bad["errors"][0]["pointer"]) == (
        200,
        False,
        "/transactions/1/currency",
    )


def test_a_card_number_is_neither_kept_nor_said(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    named = {"name": "cards", "extends": "payment", "fields": {"card_token": {"kind": "text"}}}
    Caller(handler=policy.lambda_handler).send("POST", "/api/v1/policy/event-types", named)
    for sent in ("4111111111111111", 4111111111111111):
        answer = Caller().score({**README_TRANSACTION, "card_token": sent}, event_type="cards")
        assert answer.json["results"][0]["errors"][0]["code"] == "card_number"
        assert "4111" not in answer.text
    assert "4111" not in capsys.readouterr().out
    assert stack.items() == []


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"event_type": "nothing"}, 404, "unknown_event_type"),
        ({"event_type": 7}, 400, "malformed"),
        ({"event_type": None}, 400, "malformed"),
    ],
)
def test_a_type_that_cannot_be_sent_is_refused_as_a_whole(more: Any, status: int, code: str) -> None:
    many: list[tuple[Caller, str, Any]] = [
        (Caller(), SCORE, {"transactions": [SENT]}),
        (Caller(), EXPLAIN, {"transaction": SENT}),
        (Caller(handler=ingest.lambda_handler), "/api/v1/ingest/ingest", {"transaction": SENT}),
        (Caller(handler=ingest.lambda_handler), "/api/v1/ingest/score", {"transactions": [SENT]}),
    ]
    answers = [caller.send("POST", path, body | more) for caller, path, body in many]
    assert [(one.status, one.json["code"]) for one in answers] == [(status, code)] * 4


def test_the_built_in_type_may_be_named() -> None:
    plain = Caller().score(README_TRANSACTION)
    assert Caller().score(README_TRANSACTION, event_type="payment").entries == plain.entries


def test_it_is_explained_sent_or_stored() -> None:
    sent = Caller().send("POST", EXPLAIN, {"transaction": SENT, **TYPE})
    Caller().score(SENT, **TYPE)
    kept = Caller().send("POST", EXPLAIN, {"transaction_id": SENT["transaction_id"]})
    assert (sent.status, kept.status) == (200, 200)
    assert sent.json["contributions"] == kept.json["contributions"] != []
    assert Caller().send("POST", EXPLAIN, {"transaction_id": "a", **TYPE}).status == 400


def accepted(body: Any) -> ApiResponse:
    return Caller(handler=ingest.lambda_handler).send("POST", "/api/v1/ingest/ingest", body)


def worked(stack: Stack) -> Any:
    records = [
        {"messageId": str(number), "body": body, "eventSource": "aws:sqs", "attributes": {}, "messageAttributes": {}}
        for number, body in enumerate(stack.messages(stack.ingest))
    ]
    return worker.lambda_handler({"Records": records}, Context())  # type: ignore[arg-type]


@pytest.mark.parametrize("body", [{"transaction": SENT}, {"transactions": [SENT]}])
def test_what_is_queued_is_stored_as_it_was_read(stack: Stack, body: Any) -> None:
    assert accepted({**body, **TYPE}).status == 202
    assert worked(stack) == {"batchItemFailures": []}
    shown = stored(SENT["transaction_id"])["transaction"]
    assert {"device_id": "d-1", "source": "queue", **SHOWN}.items() <= shown.items()
    [entry] = Caller().score(SENT, **TYPE).json["results"]
    assert entry["persisted"]  # the same payment, and no conflict


def test_a_bad_one_is_not_queued(stack: Stack) -> None:
    refused = accepted({"transaction": {**SENT, "currency": "GBP"}, **TYPE})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/transaction/currency")
    assert stack.messages(stack.ingest) == []


def test_a_decision_that_was_parked_comes_back_with_its_fields(stack: Stack) -> None:
    Caller().score(SENT, **TYPE)
    [item] = stack.items()
    scored = from_item(json.loads(json.dumps(item)))
    assert isinstance(scored.transaction, ExtendedTransaction)
    assert to_item(scored, "api")["fields"] == item["fields"]
    assert scored.decision.event_type == scored.transaction.own.event_type


def test_a_version_put_by_another_process_is_taken_in_the_same_second() -> None:
    Caller().score(SENT, **TYPE)
    wider = deepcopy(dict(WITH_DEVICE))
    wider["fields"]["channel"] = {"kind": "category"}
    other = ActiveEventTypes(event_type_wiring.event_types()._store)
    other.put(read_document(wider), ADA, NOW)
    [entry] = Caller().score({**SENT, "transaction_id": "wider", "channel": "app"}, **TYPE).json["results"]
    assert entry["event_type_version"] == 2


def test_lists_show_it_beside_payments_of_before() -> None:
    Caller().score(SENT, **TYPE)
    listed = Caller(handler=database.lambda_handler).send("GET", "/api/v1/database/transactions").json
    assert [one["transaction_id"] for one in listed["transactions"]] == [SENT["transaction_id"]]


def test_nothing_is_read_for_payments_of_before(stack: Stack) -> None:
    client.dynamodb().delete_item(
        TableName=stack.policies, Key={"name": {"S": "event_type#web_payment"}, "version": {"N": "1"}}
    )
    assert Caller().score(README_TRANSACTION).status == 200
