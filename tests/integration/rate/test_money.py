"""Money in several currencies by every way in: shown as it was sent; ranked, narrowed and added up in euros."""

import csv
import io
import json
import time
from collections.abc import Mapping
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from fraudshield.analytics import counter_wiring as analytics_counter_wiring
from functions.analytics import app as analytics
from functions.database import app as database
from functions.ingest import app as ingest
from functions.ingest import worker
from functions.model import app as model
from functions.policy import app as policy
from tests.caller import POLICY, REPLAY, ApiResponse, Caller, Context
from tests.event_types import ORDER
from tests.job_run import Batch
from tests.stack import Stack

RATES = "/api/v1/policy/rates"
CSV = "currency,from,rate\nJPY,2026-01-01,0.0060\nJPY,2026-11-01,0.0065\nKWD,2026-01-01,3.01\n"
CREATED = "2026-11-24T10:00:00Z"
IN_MAJOR = deepcopy(dict(ORDER)) | {"name": "invoice_payment"}
IN_MAJOR["fields"]["total"] |= {"unit": "major"}
MINOR: Mapping[str, Any] = {"total": 1099, "currency": "EUR", "card": "c-1", "created": CREATED}
YEN: Mapping[str, Any] = {**MINOR, "currency": "JPY"}
MAJOR: Mapping[str, Any] = {**MINOR, "total": 10.99}
# By id: its type, what is sent, and what amount, currency and euros it is shown with.
SENT: Mapping[str, tuple[str, Mapping[str, Any], tuple[float, str, float | None]]] = {
    "minor": ("order_payment", MINOR, (10.99, "EUR", 10.99)),
    "yen": ("order_payment", YEN, (1099, "JPY", 7.14)),
    "old_yen": ("order_payment", {**YEN, "created": "2026-10-31T23:59:59Z"}, (1099, "JPY", 6.59)),
    "dinar": ("order_payment", {**MINOR, "currency": "KWD"}, (1.099, "KWD", 3.31)),
    "told": ("order_payment", {**YEN, "settled": 7.01}, (1099, "JPY", 7.01)),
    "pounds": ("order_payment", {**MINOR, "currency": "GBP"}, (10.99, "GBP", None)),
    "major": ("invoice_payment", MAJOR, (10.99, "EUR", 10.99)),
}
DEAR = {
    "based_on": 1,
    "thresholds": {"review": 0.1, "block": 0.5},
    "conditions": [{"code": "dear", "outcome": "review", "when": "amount >= 3.31 || total < 0"}],
}


def call(handler: Any, method: str, path: str, body: Any = None) -> ApiResponse:
    return Caller(handler=handler).send(method, path, body)


def put_rates(text: str, query: str = "") -> ApiResponse:
    caller = Caller(headers={"Content-Type": "text/csv"}, handler=policy.lambda_handler)
    return caller.send_text("PUT", RATES + query, text)


@pytest.fixture(scope="module")
def ready(lasting_files: Stack) -> Batch:
    """Both types, the rates, and a policy that looks at what is dear in euros."""
    for document in (ORDER, IN_MAJOR):
        assert call(policy.lambda_handler, "POST", "/api/v1/policy/event-types", dict(document)).status == 201
        changed = call(model.lambda_handler, "PUT", f"{POLICY}?event_type={document['name']}", DEAR)
        assert changed.status == 200, changed.text
    made = put_rates(CSV)
    assert (made.status, made.json["version"], made.json["base"]) == (200, 1, "EUR")
    return Batch(lasting_files)


@pytest.fixture(scope="module")
def decided(ready: Batch) -> Mapping[str, Any]:
    """All of them scored, by id."""
    return {
        name: Caller().score({**sent, "order_id": f"api_{name}"}, event_type=kind).json["results"][0]
        for name, (kind, sent, _) in SENT.items()
    }


def stored(transaction_id: str) -> Any:
    found = call(database.lambda_handler, "GET", f"/api/v1/database/transactions/{transaction_id}")
    assert found.status == 200, found.text
    return found.json["transaction"]


def listed(query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = call(database.lambda_handler, "GET", f"/api/v1/database/transactions?{query}").json[
        "transactions"
    ]
    return rows


@pytest.mark.parametrize("name", SENT)
def test_what_is_shown_is_what_was_sent_with_its_currency_and_its_euros(decided: Any, name: str) -> None:
    kind, sent, expected = SENT[name]
    shown = stored(f"api_{name}")
    names = ("amount", "amount_currency", "reported_amount")
    assert tuple(shown[one] for one in names) == expected
    assert (shown["total"], shown["currency"], shown["reporting_currency"]) == (sent["total"], sent["currency"], "EUR")
    [row] = [
        one for one in listed(f"event_type={kind}&account=c-1&limit=1000") if one["transaction_id"] == f"api_{name}"
    ]
    assert tuple(row[one] for one in names) == expected


def test_the_decision_says_which_rates_and_what_had_none(decided: Any) -> None:
    assert {name for name, one in decided.items() if one.get("rates_version") == 1} == {
        "yen", "old_yen", "dinar", "pounds"
    }  # fmt: skip
    assert {name for name, one in decided.items() if "no_rate" in one["quality"]} == {"pounds"}
    assert {name for name, one in decided.items() if one["decision"] == "review"} == decided.keys() - {"pounds"}
    [rule] = decided["pounds"]["rules"]
    assert (rule["state"], rule["why"]) == ("not_evaluated", "amount is in a currency that has no rate")


def test_the_queue_ranks_and_lists_narrow_by_euros(decided: Any) -> None:
    queue = listed("event_type=order_payment&outcome=review&labelled=false&sort=expected_loss")
    ranked = [one["transaction_id"] for one in queue if one["transaction_id"].startswith("api_")]
    assert ranked == ["api_minor", "api_yen", "api_told", "api_old_yen", "api_dinar"]
    found = listed("event_type=order_payment&account=c-1&min_amount=6.59&max_amount=7.01&limit=1000")
    assert {one["transaction_id"] for one in found if one["transaction_id"].startswith("api_")} == {
        "api_told",
        "api_old_yen",
    }


def test_every_decision_is_computed_again_to_the_byte_whatever_the_rates_are_now(decided: Any) -> None:
    assert put_rates(CSV + "GBP,2026-01-01,1.15\n").json["version"] == 2
    try:
        for name in SENT:
            answer = call(model.lambda_handler, "POST", REPLAY, {"transaction_id": f"api_{name}"})
            assert (answer.status, answer.json["same"]) == (200, True), answer.text
        [now] = Caller().score({**SENT["pounds"][1], "order_id": "later"}, event_type="order_payment").json["results"]
        assert (now["rates_version"], now["quality"]) == (2, [])
    finally:
        assert put_rates(CSV).json["version"] == 3


def test_the_queue_and_a_file_decide_as_the_api_does(ready: Batch, decided: Any) -> None:
    for name, (kind, sent, _) in SENT.items():
        answer = call(
            ingest.lambda_handler,
            "POST",
            "/api/v1/ingest/ingest",
            {"event_type": kind, "transaction": {**sent, "order_id": f"queue_{name}"}},
        )
        flags = [flag for one in answer.json["quality"]["flagged"] for flag in one["flags"]]
        assert (answer.status, "no_rate" in flags) == (202, name == "pounds")
    messages = [
        {"messageId": str(at), "body": body, "eventSource": "aws:sqs", "attributes": {}, "messageAttributes": {}}
        for at, body in enumerate(ready.stack.messages(ready.stack.ingest))
    ]
    assert worker.lambda_handler({"Records": messages}, Context()) == {"batchItemFailures": []}  # type: ignore[arg-type]
    for kind in ("order_payment", "invoice_payment"):
        rows = [{**sent, "order_id": f"file_{name}"} for name, (of, sent, _) in SENT.items() if of == kind]
        job = ready.score(as_file(rows), f"incoming/{kind}/all.csv")
        assert (job.status, ready.rejects(job)) == ("completed", [])
    items = {one["transaction_id"]["S"]: one for one in ready.stack.items() if one["record"]["S"] == "transaction"}
    same = ("amount", "shown", "money", "outcome", "expected_loss", "quality", "rules")
    for name in SENT:
        api, queue = items[f"api_{name}"], items[f"queue_{name}"]
        assert {one: queue.get(one) for one in same} == {one: api.get(one) for one in same}
        if name != "pounds":  # which is approved, and of files only flagged rows are stored
            file = items[f"file_{name}"]
            assert {one: file.get(one) for one in same} == {one: api.get(one) for one in same}


def test_what_is_exported_comes_in_again_as_it_was(ready: Batch, decided: Any) -> None:
    answer = call(ingest.lambda_handler, "GET", "/api/v1/ingest/export?event_type=order_payment&account=c-1&limit=1000")
    rows = [one for one in csv.DictReader(io.StringIO(answer.text)) if one["transaction_id"].startswith("api_")]
    shown = {one["transaction_id"]: one for one in rows}
    assert [shown["api_yen"][one] for one in ("amount", "total", "amount_currency", "reported_amount")] == [
        "1099", "1099", "JPY", "7.14"
    ]  # fmt: skip
    assert shown["api_pounds"]["reported_amount"] == ""
    again = ready.score(as_file(rows), "incoming/order_payment/again.csv")
    assert (again.status, ready.rejects(again)) == ("completed", [])
    assert [one["decision"] for one in ready.scored(again)] == [one["decision"] for one in rows]


def test_analytics_add_up_euros(ready: Batch, decided: Any) -> None:
    items = [one for one in ready.stack.items() if one["transaction_id"]["S"].startswith("api_")]
    records = [
        {"eventName": "INSERT", "dynamodb": {"SequenceNumber": f"{at:021d}", "NewImage": json.loads(json.dumps(item))}}
        for at, item in enumerate(items, start=1)
    ]
    analytics_counter_wiring.stream_counter().count("shardId-1", records, time.monotonic() + 30)
    patterns = call(analytics.lambda_handler, "GET", "/api/v1/analytics/transaction-patterns?days=365&sources=api").json
    euros = sum(Decimal(str(one)) for _, _, (_, _, one) in SENT.values() if one is not None)
    assert sum(Decimal(str(one["amount"])) for one in patterns["by_hour"]) == euros
    assert [one["amount"] for one in patterns["by_hour"] if one["hour"] == 23] == [6.59]
    assert sum(one["transactions"] for one in patterns["by_hour"]) == len(SENT)


def as_file(rows: list[Any]) -> str:
    text, names = io.StringIO(), list(dict.fromkeys(name for row in rows for name in row))
    table = csv.DictWriter(text, names, lineterminator="\n", restval="")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()
