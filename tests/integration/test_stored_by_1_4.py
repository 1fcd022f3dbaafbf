"""A store that version 1.4 filled: upgraded, read, computed again byte for byte, found by entities, counted once."""

import csv
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fraudshield.event_type import wiring as event_type_wiring
from functions.database import app as database
from functions.ingest import app as ingest
from functions.notification import stream as notification_stream
from infra.laptop.process import sqlite_file
from infra.slot_filling import Tables, fill_slots
from tests.caller import REPLAY, SCORE, Caller, Context
from tests.stack import Stack, client
from tests.stored_before import VERSION_1_4, its_model, kept, on_disk
from tests.stream_history import change, count
from tests.timeouts import lengthen

DATABASE = Caller(handler=database.lambda_handler)
LISTS = {
    "listed": "limit=1000",
    "account": "limit=1000&account=C101",
    "review": "limit=1000&sort=expected_loss&outcome=review&labelled=false",
}
SINCE = {"review", "links"}  # what a transaction is shown with by now
Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upgraded:
    """The store after its upgrade, its items before payments got their keys, and the folder of its file."""

    stack: Stack
    before: dict[tuple[str, str], Item]
    folder: Path


@pytest.fixture(scope="module")
def answers() -> Any:
    return kept("answers", VERSION_1_4)


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    folder = tmp_path_factory.mktemp("store")
    with pytest.MonkeyPatch.context() as monkeypatch:
        lengthen(monkeypatch)
        with on_disk(monkeypatch, folder, VERSION_1_4) as stack:
            event_type_wiring.event_types.cache_clear()
            before = items(stack)
            assert fill_slots(client("dynamodb"), Tables(), lambda _: None) == 10
            assert fill_slots(client("dynamodb"), Tables(), lambda _: None) == 0
            yield Upgraded(stack, before, folder)
            event_type_wiring.event_types.cache_clear()


def items(stack: Stack) -> dict[tuple[str, str], Item]:
    return {(item["transaction_id"]["S"], item["record"]["S"]): item for item in stack.items()}


def ids(query: str) -> set[str]:
    page = DATABASE.send("GET", f"/api/v1/database/transactions?{query}").json
    assert page["next_cursor"] is None
    return {row["transaction_id"] for row in page["transactions"]}


def test_every_payment_is_known_shown_and_computed_again_byte_for_byte(
    upgraded: Upgraded, answers: Any, told: Callable[..., None], tmp_path: Path
) -> None:
    told(MODEL_DIR=its_model(tmp_path))
    stored = items(upgraded.stack)
    for one in answers["payments"]:
        name = json.loads(one["sent"])["transaction_id"]
        shown = DATABASE.send("GET", f"/api/v1/database/transactions/{name}").json
        assert {part: said for part, said in shown.items() if part not in SINCE} == json.loads(one["transaction"])
        if "entry" not in one:
            continue
        body = json.dumps({"transactions": [json.loads(one["sent"])]} | one["more"])
        assert Caller().send_text("POST", SCORE, body).entries == [one["entry"]]
        assert Caller().send("POST", REPLAY, {"transaction_id": name}).json["same"] is True
    assert items(upgraded.stack) == stored


def test_lists_and_the_export_say_the_same(upgraded: Upgraded, answers: Any) -> None:
    """At that time some days were not counted yet: what was listed then is listed now, as it was."""
    for name, query in LISTS.items():
        found = DATABASE.send("GET", f"/api/v1/database/transactions?{query}").json["transactions"]
        rows = {row["transaction_id"]: row for row in found}
        was = json.loads(answers[name])["transactions"]
        assert [{key: rows[row["transaction_id"]][key] for key in row} for row in was] == was, name
        assert len(was) > 1
    assert len(ids("limit=1000")) == len(answers["payments"]) == 14
    exported = Caller(handler=ingest.lambda_handler).send("GET", "/api/v1/ingest/export?limit=1000").text
    now = {row["transaction_id"]: row for row in csv.DictReader(exported.splitlines())}
    for row in csv.DictReader(answers["export"].splitlines()):  # it has more columns since
        assert {name: now[row["transaction_id"]][name] for name in row} == row


def test_payments_are_found_by_their_entities_and_shown_fields(upgraded: Upgraded, answers: Any) -> None:
    sent = [json.loads(one["sent"]) for one in answers["payments"]]
    for device in ("d-0", "d-1"):
        assert ids(f"entity=device:{device}") == {
            one["transaction_id"] for one in sent if one.get("device_id") == device
        }
    assert ids("entity=email:0@shop.example") == {
        one["transaction_id"] for one in sent if one.get("email") == "0@shop.example"
    }
    assert ids("event_type=shop_payment&channel=web") == {one["transaction_id"] for one in sent if "channel" in one}


def test_a_conflict_has_the_keys_of_its_own_content(upgraded: Upgraded) -> None:
    [conflict] = [one for (_, record), one in items(upgraded.stack).items() if record.startswith("conflict#")]
    assert conflict["entity_1"] == conflict["transaction"]["M"]["entity_1"] == {"S": "device#d-conflict"}
    kept_as_it_was = {"entity_1", "entity_2", "transaction"}
    was = upgraded.before[conflict["transaction_id"]["S"], conflict["record"]["S"]]
    assert {n: v for n, v in conflict.items() if n not in kept_as_it_was} == {
        n: v for n, v in was.items() if n != "transaction"
    }


def test_nothing_is_counted_or_mailed_a_second_time(upgraded: Upgraded) -> None:
    dynamodb = client("dynamodb")

    def counted() -> list[Item]:
        found = dynamodb.scan(TableName=upgraded.stack.aggregates)["Items"]
        return [one for one in found if one["series"]["S"] in {"total", "days", "hours", "scores", "truth", "patterns"}]

    now, was = items(upgraded.stack), counted()
    records = [change(upgraded.before[name], one) for name, one in now.items() if one != upgraded.before[name]]
    assert len(records) == 10
    for number, one in enumerate(records, 1):
        one["dynamodb"] |= {"SequenceNumber": f"{number:021d}", "Keys": {}}
    count("shardId-00000009-TransactionsTable", records)
    context: Any = Context()
    notification_stream.lambda_handler({"Records": records}, context)
    assert counted() == was
    mails = dynamodb.scan(TableName=upgraded.stack.resolver.refs["NotificationsTable"])["Items"]
    assert mails == []


def test_the_file_was_copied_as_it_was(upgraded: Upgraded) -> None:
    [copy] = upgraded.folder.glob("dynamodb.db.2*")
    with closing(sqlite3.connect(copy)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    assert not [name for name in tables if "by_day" in name]
    with closing(sqlite3.connect(upgraded.folder / "dynamodb.db")) as connection:
        now = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    assert now != tables
    assert sqlite_file.log(copy).exists() is False
