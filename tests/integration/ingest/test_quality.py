"""Refusals are counted by day, source and reason, and a few of them are stored without values."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fraudshield.errors import Fault, StoreUnavailable
from fraudshield.ingest import wiring as ingest_wiring
from fraudshield.ingest.dynamo import KEPT, KEPT_PER_REQUEST, DynamoQualityLedger
from fraudshield.transaction.refusal import Refusal
from functions.ingest import app
from tests.caller import ApiResponse, Caller
from tests.fakes import NOW
from tests.integration.ingest.test_ingest import NOWHERE, deliver
from tests.stack import Stack, client

CLIENT = Caller(handler=app.lambda_handler)
INGEST, QUALITY = "/api/v1/ingest/ingest", "/api/v1/ingest/quality"
CONFLICT = Fault("/transaction_id", "", "transaction_conflict")

Sent = Callable[..., dict[str, Any]]


@pytest.fixture
def ledger(stack: Stack) -> DynamoQualityLedger:
    return ingest_wiring.quality_ledger()


def refusal(name: str = "r#0", *, days: int = 0, source: str = "queue") -> Refusal:
    return Refusal(name, source, NOW + timedelta(days=days), "t1", (CONFLICT,))


def report(query: str = "") -> Any:
    response = CLIENT.send("GET", QUALITY + query)
    assert response.status == 200
    return response.json


def ingest(*transactions: Any) -> ApiResponse:
    return CLIENT.send("POST", INGEST, {"transactions": list(transactions)})


def rows(stack: Stack) -> list[dict[str, Any]]:
    found = client("dynamodb").scan(TableName=stack.aggregates)["Items"]
    return [item for item in found if item["series"] == {"S": "rejected"}]


def test_what_is_refused_is_in_the_report(stack: Stack, sent: Sent) -> None:
    ingest(sent(), {"transaction_id": "bad"}, sent(amount=-1))
    CLIENT.send("POST", INGEST, {"transaction": sent(type="REFUND")})
    told = report()
    assert told["sources"]["queue"]["refused"] == 3
    assert told["sources"]["queue"]["reasons"] == {"missing": 1, "out_of_range": 1, "unknown_type": 1}
    assert {one["transaction_id"] for one in told["recent"]} == {"bad", "test_123"}


@pytest.mark.parametrize("path", ["/api/v1/score", "/api/v1/ingest/score"])
def test_what_scoring_refuses_is_in_it_too(stack: Stack, sent: Sent, caller: Caller, path: str) -> None:
    by = caller if path == "/api/v1/score" else CLIENT
    by.send("POST", path, {"transactions": [sent()]})
    by.send("POST", path, {"transactions": [sent(amount=1), {}]})
    assert report()["sources"]["api"]["reasons"] == {"id_conflict": 1, "missing": 1}


def test_a_conflict_of_the_queue_is_in_it_however_often_it_is_delivered(stack: Stack, sent: Sent) -> None:
    ingest(sent())
    ingest(sent(amount=1))
    bodies = stack.messages(stack.ingest)
    assert deliver(*bodies) == deliver(*bodies) == deliver(*bodies) == []
    told = report()
    assert told["sources"]["queue"]["reasons"] == {"id_conflict": 1}
    [recent] = told["recent"]
    assert (recent["transaction_id"], recent["errors"]) == (
        "test_123",
        [{"pointer": "/transaction_id", "code": "transaction_conflict"}],
    )


def test_of_a_flood_all_is_counted_and_a_few_are_kept(stack: Stack) -> None:
    ingest(*[{}] * 1000)
    assert report()["total"]["refused"] == 1000
    assert len(rows(stack)) == KEPT_PER_REQUEST


def test_rows_hold_no_value_and_no_name_and_age_out(stack: Stack, sent: Sent) -> None:
    ingest(sent(amount=-4711, secret="Jane Doe"), sent(nameOrig="", nameDest=8150))
    kept = rows(stack)
    text = json.dumps(kept)
    assert len(kept) == 2
    assert not [word for word in ("4711", "8150", "Jane", "secret", "C123456789", "M987654321") if word in text]
    assert all("expires_at" in row for row in kept)


def test_a_row_ages_out_when_it_should(stack: Stack, ledger: DynamoQualityLedger) -> None:
    ledger.note_once(refusal())
    [row] = rows(stack)
    assert int(row["expires_at"]["N"]) == int((NOW + KEPT).timestamp())


def test_days_and_sources_are_counted_apart(ledger: DynamoQualityLedger) -> None:
    for days, source in ((-1, "queue"), (0, "queue"), (0, "api"), (1, "queue")):
        ledger.note([refusal(f"r#{days}{source}", days=days, source=source)])
    day = NOW.date()
    found = ledger.refused(day, day)
    assert [(one.day, one.source, one.counters) for one in found] == [
        (day, source, {"refused": 1, "reason.id_conflict": 1}) for source in ("api", "queue")
    ]


@pytest.mark.parametrize("page", [1, 2, 5, 6])
def test_a_long_time_is_read_page_by_page(stack: Stack, ledger: DynamoQualityLedger, page: int) -> None:
    days = [NOW.date() + timedelta(days=number) for number in range(5)]
    for day in days:
        item = {"series": {"S": "quality"}, "bucket": {"S": f"{day}#api"}, "refused": {"N": "1"}}
        client("dynamodb").put_item(TableName=stack.aggregates, Item=item)
    found = replace(ledger, page=page).refused(days[0], days[-1])
    assert [(one.day, one.source, one.counters) for one in found] == [(day, "api", {"refused": 1}) for day in days]


def test_a_refusal_is_read_back_without_details(ledger: DynamoQualityLedger) -> None:
    ledger.note([refusal()])
    assert ledger.recent(10) == [refusal()]


def test_noting_nothing_writes_nothing(stack: Stack, ledger: DynamoQualityLedger) -> None:
    ledger.note([])
    assert rows(stack) == []


def test_without_its_table_requests_are_answered_and_conflicts_come_again(
    stack: Stack, sent: Sent, told: Callable[..., None]
) -> None:
    told(AWS_ENDPOINT_URL_DYNAMODB=NOWHERE)
    assert ingest({}).status == 422
    assert ingest(sent(), {}).status == 202
    with pytest.raises(StoreUnavailable):
        ingest_wiring.quality_ledger().note_once(refusal())
    assert CLIENT.send("GET", QUALITY).status == 503


def test_a_note_that_fails_does_not_make_the_store_spared(stack: Stack, sent: Sent, told: Callable[..., None]) -> None:
    told(AGGREGATES_TABLE="not-there")
    assert ingest({}).status == 422
    response = CLIENT.send("POST", "/api/v1/ingest/score", {"transactions": [sent()]})
    assert response.json["results"][0]["persisted"] is True


@pytest.mark.parametrize("query", ["?days=0", "?days=91", "?days=7&days=8", "?source=queue"])
def test_a_report_that_cannot_be_is_refused(stack: Stack, query: str) -> None:
    response = CLIENT.send("GET", QUALITY + query)
    assert (response.status, response.json["code"]) == (400, "invalid_parameter")
