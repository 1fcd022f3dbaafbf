"""Files of payments of a type of one's own: read by its columns, decided as online, found by the folder they lie in."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from fraudshield.event_type import wiring as event_type_wiring
from functions.policy import app as policy
from tests.caller import Caller
from tests.conftest import README_TRANSACTION
from tests.event_types import CARD, WITH_DEVICE
from tests.job_run import Batch
from tests.stack import Stack, client

THEFT = {
    **{name: value for name, value in README_TRANSACTION.items() if name != "transaction_id"},
    **{"type": "TRANSFER", "amount": 5000.0, "newbalanceOrig": 0.0, "nameDest": "C777"},
    **{"device_id": "d-1", "currency": "EUR"},
}
CHARGE = {
    **{"charge_id": "ch-1", "created": "2026-11-24T10:00:00Z", "amount_minor": "1099", "currency": "EUR"},
    **{"card": "fp-1", "merchant": "m-1", "attempts": "2", "score": "-0.25", "is_recurring": "true"},
}


@pytest.fixture
def batch(lasting_files: Stack) -> Iterator[Batch]:
    event_type_wiring.event_types.cache_clear()
    for document in (WITH_DEVICE, CARD):
        put = Caller(handler=policy.lambda_handler).send("POST", "/api/v1/policy/event-types", document)
        assert put.status == 201, put.json
    event_type_wiring.event_types.cache_clear()
    yield Batch(lasting_files)
    event_type_wiring.event_types.cache_clear()


def as_file(rows: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()


def test_a_file_in_the_folder_of_a_type_is_read_by_it_and_decided_as_online(batch: Batch) -> None:
    sent = {**THEFT, "transaction_id": "b-1"}
    job = batch.score(as_file([sent]), "incoming/web_payment/2026/march.csv")
    assert (job.status, job.file.event_type, job.results and job.results["rejected"]) == ("completed", "web_payment", 0)
    [row] = batch.scored(job)
    [online] = Caller().score({**README_TRANSACTION, **sent}, event_type="web_payment", store=False).json["results"]
    assert (float(row["risk"]), row["decision"], row["model_version"]) == (
        online["risk"],
        online["decision"],
        online["model_version"],
    )
    assert row["reasons"] == "; ".join(reason["text"] for reason in online["reasons"])
    [item] = [one for one in batch.stack.items() if one["transaction_id"]["S"] == "b-1"]
    assert item["event_type"] == {"S": "web_payment"}
    assert item["fields"] == {"M": {"device_id": {"S": "d-1"}, "currency": {"S": "EUR"}}}


def test_a_card_file_has_columns_by_their_places_and_no_balances(batch: Batch) -> None:
    job = batch.score(as_file([{**CHARGE, "note": "=cmd|x"}]), "incoming/card_payment/a.csv")
    assert job.status == "completed", job.error_message
    assert batch.rejects(job) == []
    [row] = batch.scored(job)
    assert (row["risk"], row["model_version"], row["decision"], row["note"]) == ("", "", "approve", "'=cmd|x")
    assert job.model_version is None


BAD = [
    ({"amount_minor": "ten"}, "amount_minor", "money_type"),
    ({"amount_minor": ""}, "amount_minor", "missing"),
    ({"attempts": "100"}, "attempts", "less_than_equal"),
    ({"is_recurring": "maybe"}, "is_recurring", "bool_type"),
    ({"card": "4242424242424242"}, "card", "card_number"),
    ({"created": "yesterday"}, "created", "rfc3339"),
]


def test_a_bad_row_is_refused_alone_under_its_column(batch: Batch) -> None:
    bad = [{**CHARGE, "charge_id": f"bad-{at}", **changed} for at, (changed, _, _) in enumerate(BAD)]
    job = batch.score(as_file([CHARGE, *bad, {**CHARGE, "charge_id": "ch-3"}]), "incoming/card_payment/bad.csv")
    expected = [(at + 3, field, code) for at, (_, field, code) in enumerate(BAD)]
    assert [(line, field, code) for line, field, code, _ in batch.rejects(job)] == expected
    assert "4242424242424242" not in batch.read(job.result_key("rejects.csv")).decode()
    assert [row["charge_id"] for row in batch.scored(job)] == ["ch-1", "ch-3"]


def test_an_id_that_stands_twice_is_refused_the_second_time(batch: Batch) -> None:
    job = batch.score(as_file([CHARGE, CHARGE]), "incoming/card_payment/twice.csv")
    assert [(line, field, code) for line, field, code, _ in batch.rejects(job)] == [(3, "charge_id", "duplicate_id")]


def test_a_file_without_a_column_that_its_type_asks_for_fails_and_says_which(batch: Batch) -> None:
    job = batch.score("charge_id,amount_minor,currency\n1,2,EUR\n", "incoming/card_payment/narrow.csv")
    assert (job.status, job.error_code) == ("failed", "missing_columns")
    assert "card, merchant" in str(job.error_message)


@pytest.mark.parametrize("key", ["incoming/2026/web.csv", "incoming/no_such_type/web.csv", "incoming/web_payment.csv"])
def test_every_other_key_stays_a_file_of_payments(batch: Batch, key: str) -> None:
    job = batch.drop(as_file([{**THEFT, "transaction_id": "p-1"}]), key)
    assert job.file.event_type == "payment"


def test_payments_sent_with_a_job_and_uploads_are_of_the_type_that_they_name(batch: Batch) -> None:
    sent = {**THEFT, "transaction_id": "inline-1"}
    data = {"event_type": "web_payment", "transactions": [sent]}
    opened = batch.send("POST", "/jobs", {"job_type": "process_transactions", "data": data, "store": "all"})
    assert opened.status == 200, opened.json
    job = batch.run(opened.json["job_id"])
    assert (job.status, len(batch.scored(job))) == ("completed", 1)
    shown = batch.send("GET", f"/jobs/{job.job_id}").json
    assert (shown["event_type"], shown["failed_items"]) == ("web_payment", 0)
    again = Caller().score({**README_TRANSACTION, **sent}, event_type="web_payment")
    assert again.json["results"][0]["decided_at"] is not None  # the content of the file's row is the same payment

    link = batch.send("POST", "/uploads", {"file_name": "m.csv", "event_type": "web_payment"}).json
    client("s3").put_object(Bucket=batch.stack.bucket, Key=link["s3_key"], Body=as_file([sent]).encode())
    opened = batch.send("POST", "/jobs", {"job_type": "process_csv", "data": {"s3_key": link["s3_key"]}})
    assert batch.send("GET", f"/jobs/{opened.json['job_id']}").json["event_type"] == "web_payment"


@pytest.mark.parametrize(
    "data",
    [
        {"event_type": "no_such_type", "transactions": [README_TRANSACTION]},
        {"event_type": "no_such_type", "s3_key": "incoming/a.csv"},
    ],
)
def test_a_type_that_is_none_is_404(batch: Batch, data: Mapping[str, Any]) -> None:
    kind = "process_csv" if "s3_key" in data else "process_transactions"
    refused = batch.send("POST", "/jobs", {"job_type": kind, "data": data})
    assert (refused.status, refused.json["code"]) == (404, "unknown_event_type")
