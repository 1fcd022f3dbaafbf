"""Aggregates of files: from their own earlier rows, from stored payments, or not at all, and each job says which."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from fraudshield.batch import wiring as batch_wiring
from fraudshield.batch.job import Job
from fraudshield.event_type import wiring as event_type_wiring
from tests.aggregates.oracle import counted_again
from tests.aggregates.run import TYPE, as_paid, put_type, send
from tests.aggregates.shop import AGGREGATES, SHOP, Paid
from tests.caller import POLICY, Caller
from tests.conftest import README_TRANSACTION, forget
from tests.job_run import Batch
from tests.stack import Stack, client
from tests.timeouts import wait_for_history

TERMINALS: Mapping[str, Any] = {"terminal_paid": {"count": True, "over": "terminal", "within": "24h", "keep": True}}
ALL: Mapping[str, Any] = {**AGGREGATES, **TERMINALS}
UNSAID = {"card_refused", "device_fraud", "device_frauds"}  # they ask for outcomes and labels
START = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def batch(lasting_files: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Batch]:
    for table in (lasting_files.transactions, lasting_files.policies):
        empty(table)
    forget()
    event_type_wiring.event_types.cache_clear()
    wait_for_history(monkeypatch)
    put_type({**SHOP, "aggregates": ALL})
    event_type_wiring.event_types.cache_clear()
    yield Batch(lasting_files)
    event_type_wiring.event_types.cache_clear()


def empty(table: str) -> None:
    """Removes all that the other tests left in a table."""
    dynamodb = client("dynamodb")
    keys = [one["AttributeName"] for one in dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]]
    for item in dynamodb.scan(TableName=table)["Items"]:
        dynamodb.delete_item(TableName=table, Key={name: item[name] for name in keys})


def rows(number: int, seed: str = "rows", **changes: Any) -> list[dict[str, Any]]:
    """Payments in no order of time; of a hundred some are of one card, and some happen at one time."""
    chance = Random(seed)
    found = []
    for at in range(number):
        occurred = START + timedelta(minutes=chance.randrange(60 * 24 * 3))
        found.append(
            README_TRANSACTION
            | {"transaction_id": f"{seed}-{at}", "occurred_at": occurred.isoformat()}
            | {"amount": chance.randrange(100_000) / 100, "nameOrig": f"C{chance.randrange(4)}"}
            | {"nameDest": f"C9{chance.randrange(4)}", "card": f"card-{chance.randrange(4)}"}
            | {"device": chance.choice(["device-1", "device-2", ""]), "terminal": chance.choice(["T1", "T2"])}
            | changes
        )
    return found


def as_file(sent: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, list(sent[0]), lineterminator="\n")
    table.writeheader()
    table.writerows(sent)
    return text.getvalue()


def scored(batch: Batch, content: str, name: str, **data: Any) -> Job:
    """The job of an uploaded file, run to its end."""
    key = f"uploads/{name}/f.csv"
    client("s3").put_object(Bucket=batch.stack.bucket, Key=key, Body=content.encode())
    data = {"s3_key": key, "event_type": TYPE, **data}
    opened = batch.send("POST", "/jobs", {"job_type": "process_csv", "data": data, "store": "all"})
    assert opened.status == 200, opened.json
    assert opened.json["history"] == data.get("history", "none")
    job = batch.run(opened.json["job_id"])
    assert job.status == "completed", job.error_message
    return job


def kept(batch: Batch) -> dict[str, Any]:
    """The stored aggregates by id."""
    return {item["transaction_id"]["S"]: item["aggregates"]["M"] for item in batch.stack.items()}


def paid_rows(sent: Sequence[Mapping[str, Any]]) -> list[Paid]:
    """The rows as the oracle has them: each decided when it happened."""
    found = []
    for one in sent:
        plain = {name: value for name, value in one.items() if value != ""}
        found.append(as_paid(plain, {"decided_at": plain["occurred_at"], "decision": "approve"}))
    return found


def number(attribute: Any) -> float | None:
    [(kind, held)] = attribute.items()
    assert kind in ("N", "NULL"), attribute
    return float(held) if kind == "N" else None


def test_of_a_file_that_is_its_own_history_each_value_is_what_a_count_of_its_rows_gives(batch: Batch) -> None:
    sent = rows(80)
    scored(batch, as_file(sent), "own", history="file")
    found, paid = kept(batch), paid_rows(sent)
    for one in paid:
        for name, document in AGGREGATES.items():
            value = found[one.transaction_id][name]
            if name in UNSAID:
                assert value == {"S": "not_in_file"}
                continue
            assert number(value) == as_float(counted_again(paid, one, document)), (one, name)
    assert {number(one["card_count"]) for one in found.values()} >= {0.0, 5.0}
    assert max(number(one["terminal_paid"]) or 0 for one in found.values()) > 5


def as_float(value: Any) -> float | None:
    return None if value is None else float(value)


def test_a_file_that_is_cut_gives_the_same_values_as_one_piece(batch: Batch, chunks_of: Callable[[int], None]) -> None:
    sent = rows(20)
    scored(batch, as_file(sent), "whole", history="file")
    whole = kept(batch)
    again = [one | {"transaction_id": f"again-{one['transaction_id']}"} for one in sent]
    chunks_of(600)
    job = scored(batch, as_file(again), "cut", history="file")
    assert job.chunks > 3
    cut = kept(batch)
    assert {name: cut[f"again-{name}"] for name in whole} == whole


def test_the_order_of_lines_is_nothing_and_of_one_id_the_first_row_counts(
    batch: Batch, chunks_of: Callable[[int], None]
) -> None:
    sent = rows(30, card="card-1")
    sent.sort(key=lambda one: one["occurred_at"], reverse=True)
    chunks_of(600)
    scored(batch, as_file([*sent, sent[0] | {"occurred_at": START.isoformat()}]), "turned", history="file")
    found = kept(batch)
    counts = [number(found[one["transaction_id"]]["card_count"]) for one in sent]
    times = [one["occurred_at"] for one in sent]
    assert counts == [float(sum(other < one for other in times)) for one in times]


def test_without_a_history_nothing_is_evaluated_and_every_row_says_so(batch: Batch) -> None:
    ask("card_count > 0")
    job = scored(batch, as_file(rows(3, card="card-1")), "none")
    assert {row["degraded"] for row in batch.scored(job)} == {";".join(f"aggregate_unread:{name}" for name in ALL)}
    assert {row["decision"] for row in batch.scored(job)} == {"approve"}
    assert all(value == {"S": "unread"} for one in kept(batch).values() for value in one.values())
    assert batch.send("GET", f"/jobs/{job.job_id}").json["history"] == "none"


def ask(when: str) -> None:
    """Puts a policy that asks."""
    body = {"based_on": 1, "thresholds": {"review": 0.9, "block": 0.95}}
    condition = {"code": "seen", "outcome": "review", "when": when}
    put = Caller().send("PUT", f"{POLICY}?event_type={TYPE}", body | {"conditions": [condition]})
    assert put.status == 200, put.text


def test_a_condition_over_the_files_own_rows_decides(batch: Batch) -> None:
    ask("card_count >= 2")
    sent = rows(5, card="card-1")
    job = scored(batch, as_file(sent), "asked", history="file")
    by_time = sorted(batch.scored(job), key=lambda row: row["occurred_at"])
    assert [row["decision"] for row in by_time] == ["approve", "approve", "review", "review", "review"]


def test_from_the_store_a_row_reads_what_happened_before_it_and_was_decided_before_the_job(batch: Batch) -> None:
    sent = [one | {"device": one["device"] or "device-3"} for one in rows(20, "stored")]
    entries = send(Caller(), *sent)
    paid = [as_paid(one, entry) for one, entry in zip(sent, entries, strict=True)]
    asking = [one | {"device": one["device"] or "device-3"} for one in rows(15, "asking")]
    job = scored(batch, as_file(asking), "store", history="store")
    found = kept(batch)
    for one, row in zip(paid_rows(asking), asking, strict=True):
        decided = Paid(
            one.transaction_id, one.occurred_at, datetime.now(UTC), one.amount, one.entities, shown=one.shown
        )
        for name, document in AGGREGATES.items():
            assert number(found[row["transaction_id"]][name]) == as_float(counted_again(paid, decided, document)), name
    assert {row["degraded"] for row in batch.scored(job)} == {""}
    assert max(number(one["card_count"]) or 0 for one in found.values()) > 3
    assert job.options.history == "store"


def test_what_a_file_stores_is_found_by_its_entities(batch: Batch) -> None:
    scored(batch, as_file(rows(2, card="card-7")), "found", history="file")
    assert {item["entity_1"]["S"] for item in batch.stack.items()} == {"card#card-7"}
    assert all(item["busy"] for item in batch.stack.items())


@pytest.mark.parametrize(
    ("folder", "history"),
    [("", "none"), ("history=file/", "file"), ("history=store/2026/", "store"), ("2026/", "none")],
)
def test_a_drop_says_its_history_by_the_folder_below_its_type(batch: Batch, folder: str, history: str) -> None:
    job = batch.drop(as_file(rows(1)), f"incoming/{TYPE}/{folder}a.csv")
    assert (job.file.event_type, job.options.history) == (TYPE, history)


def test_an_upload_says_it_too_unless_the_job_says_another(batch: Batch) -> None:
    asked = {"file_name": "a.csv", "event_type": TYPE, "history": "file"}
    link = batch.send("POST", "/uploads", asked).json
    client("s3").put_object(Bucket=batch.stack.bucket, Key=link["s3_key"], Body=as_file(rows(1)).encode())
    body: Any = {"job_type": "process_csv", "data": {"s3_key": link["s3_key"], "history": "store"}}
    assert batch.send("POST", "/jobs", body).json["history"] == "store"
    again = client("s3").put_object(Bucket=batch.stack.bucket, Key=link["s3_key"], Body=as_file(rows(2)).encode())
    del body["data"]["history"]
    opened = batch.send("POST", "/jobs", body).json
    assert (opened["history"], again["VersionId"]) == ("file", batch_wiring.jobs().find(opened["job_id"]).file.version)


def test_payments_in_the_body_have_a_history_too(batch: Batch) -> None:
    sent = [{name: value for name, value in one.items() if value != ""} for one in rows(4, card="card-1")]
    data = {"event_type": TYPE, "transactions": sent, "history": "file"}
    opened = batch.send("POST", "/jobs", {"job_type": "process_transactions", "data": data, "store": "all"})
    assert batch.run(opened.json["job_id"]).status == "completed"
    assert sorted(number(one["card_count"]) or 0 for one in kept(batch).values()) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("method", "path", "body", "pointer", "code"),
    [
        ("POST", "/jobs", {"data": {"s3_key": "incoming/a.csv", "history": "file"}}, "/data/history", "no_aggregates"),
        ("POST", "/jobs", {"data": {"s3_key": "incoming/a.csv", "history": "all"}}, "/history", "literal_error"),
        ("POST", "/uploads", {"history": "store"}, "/data/history", "no_aggregates"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    batch: Batch, method: str, path: str, body: Any, pointer: str, code: str
) -> None:
    whole = {"job_type": "process_csv", **body} if path == "/jobs" else body
    client("s3").put_object(Bucket=batch.stack.bucket, Key="incoming/a.csv", Body=b"x")
    refused = batch.send(method, path, whole)
    assert refused.status == 422, refused.text
    assert [(one["pointer"], one["code"]) for one in refused.json["errors"]] == [(pointer, code)]
