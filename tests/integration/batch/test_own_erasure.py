"""Files with columns of one's own: erased as the store is, and an export of them reads back to the same payments."""

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from fraudshield.erasure.erasure import SETTLE
from fraudshield.event_type import wiring as event_type_wiring
from functions.ingest import app as ingest
from functions.policy import app as policy
from tests.caller import Caller
from tests.conftest import README_TRANSACTION
from tests.conftest import forget as forget_process
from tests.event_types import WITH_DEVICE
from tests.integration.batch.test_erasure import LATER, every_version, forget, sweep
from tests.integration.batch.test_history import as_file, empty
from tests.integration.scoring.test_own_type_walk import NAME, SENT, WALK
from tests.job_run import Batch
from tests.stack import Stack

WEB: dict[str, Any] = {
    **WITH_DEVICE,
    **{"shown": ["currency"], "amount_currency": "currency", "reporting_currency": "EUR"},
}
OWN = ("device", "billing", "shipping", "terminal", "email", "channel", "items", "gift", "score", "first_seen")


@pytest.fixture
def batch(lasting_files: Stack) -> Iterator[Batch]:
    for table in (lasting_files.transactions, lasting_files.policies):
        empty(table)
    forget_process()
    made = Caller(handler=policy.lambda_handler).send("POST", "/api/v1/policy/event-types", WALK)
    assert made.status == 201, made.text
    event_type_wiring.event_types.cache_clear()
    yield Batch(lasting_files)
    forget_process()


def row(name: str, card: str, **changes: Any) -> dict[str, Any]:
    whole = {
        **{"charge_id": name, "created": "2026-11-24T10:00:00Z", "amount_minor": 1099, "currency": "EUR"},
        **{"card": card, "merchant": "m-1", **{one: SENT[one] for one in OWN}, "gift": "true", "note": "kept"},
    }
    return whole | changes


def test_the_rows_of_a_sender_go_with_all_that_is_personal_in_them(batch: Batch) -> None:
    card = "canary-sender"
    rows = [
        row("f-1", card, email="canary@first", device="canary-d"),
        row("f-2", "c-2", merchant=card, email="other@mail", device="d-2", note=f"paid {card} back"),
        row("f-3", "c-3", email="third@mail", device="d-3"),
    ]
    plain = batch.score(as_file(rows), f"incoming/{NAME}/sent.csv")
    packed = batch.score(gzip.compress(as_file(rows).encode()), f"incoming/{NAME}/packed.csv.gz")
    assert (plain.status, packed.status, plain.results and plain.results["rejected"]) == ("completed", "completed", 0)
    now = datetime.now(UTC) + LATER
    forget(card, now)
    sweep()
    files = forget(card, now + SETTLE + LATER).files
    keys = {plain.file.key, packed.file.key, plain.result_key("scored.csv"), packed.result_key("scored.csv")}
    assert (files.complete, keys <= {*files.rewritten}) == (True, True)
    left = [(key, text.decode()) for key, text in every_version(batch).items() if any(one in key for one in keys)]
    assert len(left) == 4
    for key, text in left:
        assert [one for one in (card, "canary@first", "canary-d") if one in text] == [], key
        assert [one in text for one in ("f-1", "f-2", "f-3", "other@mail")] == [False, True, True, True], key


def test_another_entity_of_a_row_gets_a_pseudonym_and_the_row_stays(batch: Batch) -> None:
    job = batch.score(
        as_file([row("g-1", "c-1", device="canary-g"), row("g-2", "c-2", device="d-2")]), f"incoming/{NAME}/g.csv"
    )
    now = datetime.now(UTC) + LATER
    forget("canary-g", now)
    sweep()
    assert {job.file.key, job.result_key("scored.csv")} <= {*forget("canary-g", now + SETTLE + LATER).files.rewritten}
    for key in (job.file.key, job.result_key("scored.csv")):
        text = batch.read(key).decode()
        assert ("canary-g" in text, "g-1" in text, "-erased-" in text) == (False, True, True)


def test_an_export_that_is_read_into_an_empty_store_gives_the_same_payments(batch: Batch) -> None:
    sent = [
        SENT,
        SENT | {"id": "w-2", "amount_minor": 0, "note": {"deep": [1, "x"]}},
    ]
    bare = {"id": "w-3", "amount_minor": 5, "currency": "JPY", "card": {"fingerprint": "c"}, "created": SENT["created"]}
    for one in (*sent, bare):
        assert Caller().score(one, event_type=NAME).json["results"][0]["persisted"]
    before = content(batch)
    read_anew(batch, NAME)
    assert len(before) == 3
    assert content(batch) == before


def test_so_does_an_export_of_a_type_that_extends_payment(batch: Batch) -> None:
    made = Caller(handler=policy.lambda_handler).send("POST", "/api/v1/policy/event-types", WEB)
    assert made.status == 201, made.text
    sent = README_TRANSACTION | {"occurred_at": SENT["created"], "currency": "EUR", "device_id": "=d-1"}
    overdrawn = {
        "transaction_id": "w-2",
        "oldbalanceOrg": -5,
        "newbalanceOrig": -1234567.5,
        "step": 7,
        "currency": "JPY",
    }
    bare = {name: value for name, value in sent.items() if name not in ("currency", "device_id")}
    for one in (sent, sent | overdrawn, bare | {"transaction_id": "w-3"}):
        [entry] = Caller().score(one, event_type=WEB["name"]).json["results"]
        assert entry["persisted"], entry
    before = content(batch)
    read_anew(batch, WEB["name"])
    assert len(before) == 3
    assert content(batch) == before


def read_anew(batch: Batch, event_type: str) -> None:
    """The payments of a type as they are exported, each response read as a file into an empty store."""
    exported = [*responses(f"export?event_type={event_type}")]
    empty(batch.stack.transactions)
    for text in exported:
        take_in(batch, event_type, text)


def responses(first: str) -> Iterator[str]:
    """Those of an export that have a row: a busy machine searches less for each."""
    following = first
    while following:
        one = Caller(handler=ingest.lambda_handler).send("GET", f"/api/v1/ingest/{following}")
        if one.text.count("\n") > 1:
            yield one.text
        following = one.headers.get("link", "").removeprefix("<").partition(">")[0]


def take_in(batch: Batch, event_type: str, text: str) -> None:
    link = batch.send("POST", "/uploads", {"file_name": "all.csv", "event_type": event_type}).json
    batch.put(link["s3_key"], text)
    asked = {"job_type": "process_csv", "data": {"s3_key": link["s3_key"]}, "store": "all"}
    job = batch.run(batch.send("POST", "/jobs", asked).json["job_id"])
    assert (job.status, batch.rejects(job)) == ("completed", [])


def content(batch: Batch) -> dict[str, Any]:
    """What is stored of each payment itself: fields, what is shown, entities, and the hash of its content."""
    names = ("content_hash", "fields", "shown", "entity_1", "entity_2", "entity_3", "busy", "amount", "occurred_at")
    return {
        item["transaction_id"]["S"]: {name: item[name] for name in (*names, "nameOrig", "nameDest") if name in item}
        for item in batch.stack.items()
    }
