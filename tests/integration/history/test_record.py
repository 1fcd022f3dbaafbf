"""Transactions that are stored as they were sent, the decision that fills them in, and predictions beside it."""

import asyncio
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from fraudshield.aws.client import dynamodb
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.label import wiring as label_wiring
from fraudshield.label.label import Label
from fraudshield.scoring.dynamo import FILLED, put_decided
from fraudshield.scoring.dynamo_backfill import Backfill, Filed
from fraudshield.scoring.dynamo_item import to_item
from fraudshield.scoring.scoring import Scorer
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.dynamo import transaction_of
from functions.database import app as database
from tests.authors import ADA
from tests.caller import EXPLAIN, ApiResponse, Caller
from tests.conftest import README_TRANSACTION
from tests.content import as_in_0_1
from tests.fakes import NOW, FakeAccounts, FakeErasures, FakeParking, FakePolicies, FakePredictor, FakeStore
from tests.stack import Stack, client

DATABASE = "/api/v1/database"
TRANSACTIONS = f"{DATABASE}/transactions"
PREDICTIONS = f"{DATABASE}/predictions"
ID = README_TRANSACTION["transaction_id"]
DRAIN = {"type": "TRANSFER", "amount": 353874.22, "oldbalanceOrg": 353874.22, "newbalanceOrig": 0.0, "nameDest": "C18"}
PREDICTION: dict[str, Any] = {
    "transaction_id": ID,
    "risk_score": 0.42,
    "prediction": 1,
    "confidence": 0.58,
    "model_version": "rc1",
    "service_used": "shadow",
}
Make = Callable[..., BuiltInTransaction]


@pytest.fixture
def asker() -> Caller:
    """An administrator's client of the database function."""
    return Caller(handler=database.lambda_handler)


def store(asker: Caller, **changes: Any) -> ApiResponse:
    return asker.send("POST", TRANSACTIONS, {"transaction": README_TRANSACTION | changes})


def kept(stack: Stack) -> dict[str, Any]:
    """The stored transaction's item."""
    [item] = [item for item in stack.items() if item["record"]["S"] == "transaction"]
    return item


def test_a_transaction_is_kept_without_a_decision(stack: Stack, asker: Caller) -> None:
    response = store(asker)
    assert (response.status, response.json["status"], response.json["transaction_id"]) == (200, "success", ID)
    item = kept(stack)
    assert item["source"] == {"S": "store"}
    assert not FILLED - {"source"} & item.keys() - {"source"}
    shown = asker.send("GET", f"{TRANSACTIONS}/{ID}").json
    assert (shown["transaction"]["decision"], shown["first_decision"], shown["predictions"]) == (None, None, [])
    [listed] = asker.send("GET", TRANSACTIONS).json["transactions"]
    assert (listed["decision"], listed["risk"], listed["source"]) == (None, None, "store")


def test_a_bare_transaction_is_taken_too(stack: Stack, asker: Caller) -> None:
    assert asker.send("POST", TRANSACTIONS, README_TRANSACTION).status == 200
    assert kept(stack)["transaction_id"] == {"S": ID}


def test_what_version_0_1_stored_gets_its_first_decision_and_another_content_is_a_conflict(
    stack: Stack, asker: Caller
) -> None:
    store(asker)
    old = as_in_0_1(kept(stack), transaction_of(kept(stack)))
    client("dynamodb").put_item(TableName=stack.transactions, Item=old)
    assert (store(asker).status, store(asker, amount=2.0).status) == (200, 409)
    assert kept(stack) == old
    assert Caller().score(README_TRANSACTION | {"amount": 2.0}).status == 409
    first, again = (Caller().score(README_TRANSACTION).entries for _ in range(2))
    assert first == again
    assert kept(stack).items() > (old | {"source": {"S": "api"}}).items()


def test_storing_again_changes_nothing_and_another_content_is_a_conflict(stack: Stack, asker: Caller) -> None:
    store(asker)
    before = stack.items()
    assert store(asker).status == 200
    conflict = store(asker, amount=2.0)
    assert (conflict.status, conflict.json["code"]) == (409, "transaction_conflict")
    assert stack.items() == before


def test_storing_what_was_scored_leaves_its_decision(stack: Stack, asker: Caller, caller: Caller) -> None:
    caller.score(README_TRANSACTION)
    before = stack.items()
    assert store(asker).status == 200
    assert stack.items() == before


@pytest.mark.parametrize("changes", [{}, DRAIN], ids=["approved", "flagged"])
def test_the_first_score_fills_it_in_and_is_returned_ever_after(
    stack: Stack, asker: Caller, caller: Caller, changes: dict[str, Any]
) -> None:
    store(asker, **changes)
    stored = kept(stack)
    [first] = caller.score(README_TRANSACTION | changes).entries
    [again] = caller.score(README_TRANSACTION | changes).entries
    filled = kept(stack)
    assert first == again
    assert json.loads(first)["persisted"]
    assert filled["source"] == {"S": "api"}
    assert {name: filled[name] for name in stored.keys() - {"source"}} == {
        name: stored[name] for name in stored.keys() - {"source"}
    }
    assert ("review_queue" in filled) == (json.loads(first)["decision"] != "approve")
    assert asker.send("GET", f"{TRANSACTIONS}/{ID}").json["first_decision"] == json.loads(first)


def test_a_score_of_another_content_fills_nothing_in(stack: Stack, asker: Caller, caller: Caller) -> None:
    store(asker)
    before = stack.items()
    assert caller.score(README_TRANSACTION | {"amount": 2.0}).status == 409
    assert stack.items() == before


def test_what_was_stored_only_cannot_be_explained_by_its_id(stack: Stack, asker: Caller, caller: Caller) -> None:
    store(asker)
    assert caller.send("POST", EXPLAIN, {"transaction_id": ID}).status == 404


def test_what_was_parked_fills_it_in_too(stack: Stack, asker: Caller, transaction: Make) -> None:
    store(asker)
    scorer = Scorer(FakePredictor(), FakePolicies(), FakeStore(), FakeParking(), FakeAccounts(), clock=lambda: NOW)
    [scored] = scorer.decide([transaction()])
    backfill = Backfill(stack.transactions, FakeErasures(), dynamo_wiring.store_calls())
    message = json.dumps({"items": [to_item(scored, "api")]})
    assert backfill.file(message) == [Filed.BACKFILLED]
    assert backfill.file(message) == [Filed.KNOWN]
    assert kept(stack)["decided_at"] == {"S": "2026-11-24T10:00:00.000000Z"}


def test_a_labelled_one_is_filled_in_but_not_queued_until_its_label_is_taken_back(
    stack: Stack, asker: Caller, caller: Caller
) -> None:
    store(asker, **DRAIN)
    label_wiring.labels().add(ID, Label("fraud", "analyst", NOW), ADA)
    assert caller.score(README_TRANSACTION | DRAIN).json["results"][0]["decision"] != "approve"
    item = kept(stack)
    assert "review_queue" not in item
    assert item["label_revision"] == {"N": "2"}  # who read it before sees that it has changed
    label_wiring.labels().take_back(ID, NOW + timedelta(days=1), ADA)
    assert kept(stack)["review_queue"] == item["outcome"]


def test_of_storing_and_scoring_at_once_one_decision_comes(engine_stack: Stack, caller: Caller, asker: Caller) -> None:
    caller.score(README_TRANSACTION | {"transaction_id": "warm"})
    asker.send("GET", f"{TRANSACTIONS}/warm")
    for number in range(5):
        one = README_TRANSACTION | {"transaction_id": f"t{number}"}
        calls = [lambda one=one: caller.score(one), lambda one=one: asker.send("POST", TRANSACTIONS, one)] * 4
        responses = at_once(calls)
        assert {response.status for response in responses} == {200}
        assert len({entry for response in responses[::2] for entry in response.entries}) == 1
        found = asker.send("GET", f"{TRANSACTIONS}/t{number}").json
        assert (found["transaction"]["source"], found["transaction"]["decision"]) == ("api", "approve")


def at_once(calls: Sequence[Callable[[], ApiResponse]]) -> list[ApiResponse]:
    """Each in a thread of its own with an event loop of its own, all let go at the same moment."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], ApiResponse]) -> ApiResponse:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            barrier.wait()
            return call()
        finally:
            asyncio.set_event_loop(None)
            loop.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def look_and_fill(table: str, item: dict[str, Any]) -> None:
    """As the fill would be without its condition."""
    dynamodb().put_item(TableName=table, Item=item)


def test_the_check_sees_a_fill_that_overwrites(stack: Stack, asker: Caller, caller: Caller, transaction: Make) -> None:
    store(asker)
    [first] = caller.score(README_TRANSACTION).entries
    scorer = Scorer(FakePredictor(0.9), FakePolicies(), FakeStore(), FakeParking(), FakeAccounts(), clock=lambda: NOW)
    [scored] = scorer.decide([transaction()])
    there = put_decided(stack.transactions, to_item(scored, "api"))
    assert there is not None
    assert caller.score(README_TRANSACTION).entries == [first]
    look_and_fill(stack.transactions, to_item(scored, "api"))
    assert caller.score(README_TRANSACTION).entries != [first]


@pytest.mark.parametrize("wrap", [True, False])
def test_a_prediction_is_kept_beside_the_first_decision(
    stack: Stack, asker: Caller, caller: Caller, wrap: bool
) -> None:
    [first] = caller.score(README_TRANSACTION).entries
    response = asker.send("POST", PREDICTIONS, {"prediction": PREDICTION} if wrap else PREDICTION)
    assert (response.status, response.json["status"]) == (200, "success")
    found = asker.send("GET", f"{PREDICTIONS}?transaction_id={ID}").json
    assert (found["count"], found["next_cursor"]) == (2, None)
    posted, decision = found["predictions"]
    assert {name: posted[name] for name in PREDICTION} == PREDICTION
    assert (posted["kind"], posted["decision"]) == ("posted", None)
    assert (decision["kind"], decision["decision"]) == ("first", "approve")
    assert caller.score(README_TRANSACTION).entries == [first]
    assert len(asker.send("GET", f"{TRANSACTIONS}/{ID}").json["predictions"]) == 2


@pytest.mark.parametrize("when", [{}, {"decided_at": "2026-11-24T09:00:00Z"}])
def test_the_same_prediction_is_kept_once_and_another_beside_it(
    stack: Stack, asker: Caller, when: dict[str, str]
) -> None:
    store(asker)
    for changes in ({}, {}, {"risk_score": 0.43}, {"model_version": "rc2"}, {}):
        assert asker.send("POST", PREDICTIONS, PREDICTION | when | changes).status == 200
    assert asker.send("GET", f"{PREDICTIONS}?transaction_id={ID}").json["count"] == 3


def test_predictions_come_in_pages_each_once(stack: Stack, asker: Caller, caller: Caller) -> None:
    caller.score(README_TRANSACTION)
    for number in range(4):
        at = f"2026-11-24T09:00:0{number}Z"
        asker.send("POST", PREDICTIONS, PREDICTION | {"model_version": f"rc{number}", "decided_at": at})
    for limit in (1, 2, 3, 4, 5):
        found, cursor = [], ""
        while cursor is not None:
            query = f"transaction_id={ID}&limit={limit}" + (f"&cursor={cursor}" if cursor else "")
            page = asker.send("GET", f"{PREDICTIONS}?{query}").json
            found += [one["model_version"] for one in page["predictions"]]
            assert page["count"] == len(page["predictions"]) <= limit
            cursor = page["next_cursor"]
        assert found[:4] == ["rc3", "rc2", "rc1", "rc0"]
        assert len(found) == 5


def test_a_cursor_of_one_transaction_s_predictions_opens_no_other_s(
    stack: Stack, asker: Caller, caller: Caller
) -> None:
    for name in ("a", "b"):
        caller.score(README_TRANSACTION | {"transaction_id": name})
        asker.send("POST", PREDICTIONS, PREDICTION | {"transaction_id": name})
    cursor = asker.send("GET", f"{PREDICTIONS}?transaction_id=a&limit=1").json["next_cursor"]
    refused = asker.send("GET", f"{PREDICTIONS}?transaction_id=b&limit=1&cursor={cursor}")
    assert (refused.status, refused.json["code"]) == (400, "invalid_cursor")
    assert asker.send("GET", f"{TRANSACTIONS}?cursor={cursor}").status == 400


def test_what_is_kept_ages_out_with_its_transaction(stack: Stack, asker: Caller, told: Callable[..., None]) -> None:
    told(RETENTION_DAYS="30")
    store(asker)
    asker.send("POST", PREDICTIONS, PREDICTION)
    [expires_at] = {item["expires_at"]["N"] for item in stack.items()}
    assert int(expires_at) == pytest.approx((datetime.now(UTC) + timedelta(days=30)).timestamp(), abs=600)


def test_who_is_unknown_is_not_found(lasting_stack: Stack, asker: Caller) -> None:
    assert asker.send("POST", PREDICTIONS, PREDICTION | {"transaction_id": "nobody"}).status == 404
    assert asker.send("GET", f"{PREDICTIONS}?transaction_id=nobody").status == 404
    assert asker.send("GET", f"{TRANSACTIONS}/nobody").status == 404
    assert asker.send("GET", f"{TRANSACTIONS}/no/body").status == 404


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (TRANSACTIONS, [], 400),
        (TRANSACTIONS, {"transaction": None}, 422),
        (TRANSACTIONS, {"transaction": README_TRANSACTION | {"amount": -1}}, 422),
        (TRANSACTIONS, {"transaction": README_TRANSACTION, "more": 1}, 422),
        (PREDICTIONS, "x", 400),
        (PREDICTIONS, {}, 422),
        (PREDICTIONS, {"prediction": PREDICTION, "more": 1}, 422),
        (PREDICTIONS, PREDICTION | {"risk_score": 1.01}, 422),
        (PREDICTIONS, PREDICTION | {"risk_score": -0.01}, 422),
        (PREDICTIONS, PREDICTION | {"risk_score": "0.5"}, 422),
        (PREDICTIONS, PREDICTION | {"prediction": 2}, 422),
        (PREDICTIONS, PREDICTION | {"prediction": True}, 422),
        (PREDICTIONS, PREDICTION | {"confidence": None}, 422),
        (PREDICTIONS, PREDICTION | {"model_version": ""}, 422),
        (PREDICTIONS, PREDICTION | {"service_used": "x" * 65}, 422),
        (PREDICTIONS, PREDICTION | {"transaction_id": "x" * 129}, 422),
        (PREDICTIONS, PREDICTION | {"decided_at": "2126-01-01T00:00:00Z"}, 422),
        (PREDICTIONS, PREDICTION | {"decided_at": "yesterday"}, 422),
    ],
)
def test_what_cannot_be_taken_is_refused(
    lasting_stack: Stack, asker: Caller, path: str, body: Any, status: int
) -> None:
    response = asker.send("POST", path, body)
    assert response.status == status
    assert response.json["code"] in {"malformed", "invalid_transaction", "invalid_prediction"}


@pytest.mark.parametrize("risk", [0, 1, 0.0, 1.0])
def test_the_bounds_of_a_probability_are_taken(lasting_stack: Stack, asker: Caller, risk: float) -> None:
    asker.send("POST", TRANSACTIONS, README_TRANSACTION)
    assert asker.send("POST", PREDICTIONS, PREDICTION | {"risk_score": risk, "confidence": risk}).status == 200


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "invalid_parameter"),
        ("limit=1001", "invalid_parameter"),
        ("offset=10001", "invalid_parameter"),
        ("start_date=2026-02-30", "invalid_parameter"),
        ("type=payment", "invalid_parameter"),
        ("outcome=approved", "invalid_parameter"),
        ("source=web", "invalid_parameter"),
        ("sort=amount", "invalid_parameter"),
        ("account=", "invalid_parameter"),
        ("acount=C1", "invalid_parameter"),
        ("limit=1&limit=2", "invalid_parameter"),
        ("sort=expected_loss", "invalid_parameter"),
        ("cursor=", "invalid_cursor"),
        ("cursor=AAAA", "invalid_cursor"),
        ("cursor=%F0%9F%98%80", "invalid_cursor"),
    ],
)
def test_a_list_refuses_what_it_cannot_be_asked(lasting_stack: Stack, asker: Caller, query: str, code: str) -> None:
    response = asker.send("GET", f"{TRANSACTIONS}?{query}")
    assert (response.status, response.json["code"]) == (400, code)
