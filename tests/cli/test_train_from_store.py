"""`fraudshield train --from-store`: stored decisions and their labels make the model that the file of them makes.

A file is scored by a job that stores all of its rows, under a policy that blocks nothing; labels come in afterwards.
"""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from fraudshield.aws import client
from fraudshield.transaction.dynamo import TRANSACTION_RECORD
from functions.database import app as database
from functions.policy import app as policy
from tests.api.server import served
from tests.caller import Caller
from tests.cli.command import Ran, Run
from tests.conftest import forget
from tests.job_run import Batch
from tests.labelling import upload
from tests.stack import Stack
from tests.stack import client as boto

ADMIN = Caller(handler=policy.lambda_handler)
LABELS = Caller(handler=database.lambda_handler)
NOW = datetime.now(UTC).replace(microsecond=0)
START = NOW - timedelta(hours=20)
PAYMENTS = 1200
TILL_SALE: dict[str, Any] = {
    "name": "till_sale",
    "fields": {
        "sale_id": {"kind": "text", "role": "id"},
        "created": {"kind": "instant", "role": "time", "required": True},
        "amount": {"kind": "money", "role": "amount", "required": True, "currency": "EUR"},
        "card": {"kind": "text", "role": "sender", "required": True},
        "channel": {"kind": "category", "values": ["web", "shop"]},
        "abroad": {"kind": "boolean"},
    },
    "aggregates": {
        "card_sales": {"of": "count", "over": "card", "within": "24h", "keep": True},
        "card_spent": {"of": "sum", "field": "amount", "over": "card", "within": "24h", "keep": True},
    },
    "features": {
        "amount": {"value": "amount"},
        "channel": {"value": "channel"},
        "abroad": {"value": "abroad"},
        "card_sales": {"value": "card_sales"},
        "card_spent": {"value": "card_spent"},
    },
    "label": {"genuine_after": "2h", "later": "1h"},
}
WHOLE = "till.csv"


def sales() -> list[dict[str, str]]:
    """Sales of many cards, in no order of id; thieves buy dear things by the web from abroad.

    There are few prices: of many, in few rows, some would be mostly fraud by chance.
    """
    chance, found = Random(7), []
    for at in range(PAYMENTS):
        created = START + timedelta(seconds=50 * at)
        fraud = at % 6 == 0
        told_at = created + timedelta(minutes=chance.randrange(5, 90))
        amount = chance.lognormvariate(4.2, 0.5) if fraud else chance.lognormvariate(3.2, 0.9)
        found.append({
            "sale_id": f"s-{chance.randrange(10**9)}", "created": f"{created:%Y-%m-%dT%H:%M:%SZ}",
            "amount": f"{max(10, min(200, 20 * round(amount / 20)))}.50", "card": f"c-{chance.randrange(900)}",
            "channel": "" if chance.random() < 0.05 else "web" if fraud or chance.random() < 0.3 else "shop",
            "abroad": "true" if chance.random() < (0.6 if fraud else 0.12) else "false",
            "label": "fraud" if fraud else "",
            "labelled_at": f"{told_at:%Y-%m-%dT%H:%M:%SZ}" if fraud else "",
        })  # fmt: skip
    return found


def text(rows: list[dict[str, str]], *columns: str) -> str:
    written = io.StringIO()
    table = csv.DictWriter(written, columns or list(rows[0]), lineterminator="\n", extrasaction="ignore")
    table.writeheader()
    table.writerows(rows)
    return written.getvalue()


@pytest.fixture(scope="module")
def stored(lasting_engine: Stack) -> Iterator[list[dict[str, str]]]:
    """The sales, scored, kept and labelled."""
    rows = sales()
    assert ADMIN.send("POST", "/api/v1/policy/event-types", TILL_SALE).status == 201
    forget()
    batch = Batch(lasting_engine)
    sent = text(rows, *TILL_SALE["fields"])
    boto("s3").put_object(Bucket=lasting_engine.bucket, Key="uploads/f.csv", Body=sent.encode())
    data = {"s3_key": "uploads/f.csv", "event_type": "till_sale", "history": "file"}
    opened = batch.send("POST", "/jobs", {"job_type": "process_csv", "data": data, "store": "all"})
    job = batch.run(opened.json["job_id"])
    assert job.status == "completed", job.error_message
    frauds = [{**one, "transaction_id": one["sale_id"], "source": "chargeback"} for one in rows if one["label"]]
    told = upload(text(frauds, "transaction_id", "label", "source", "labelled_at"))
    assert (told.status, told.json["errors"]) == (200, [])
    yield rows
    forget()


def trained(run: Run, tmp_path: Path, *asked: object) -> Ran:
    """Labels as they are known now; a budget that few payments can be judged by."""
    known = ("--as-of", f"{NOW:%Y-%m-%dT%H:%M:%SZ}", "--budget", "10%", "--out", tmp_path / "model")
    return run("train", *asked, *known)


def from_store(run: Run, tmp_path: Path, *asked: object) -> Ran:
    forget()
    with served() as url:
        of_store = ("--from-store", "--event-type", "till_sale", "--days", "2", "--url", url, "--key", "key")
        return trained(run, tmp_path, *of_store, *asked)


def model(tmp_path: Path) -> bytes:
    return (tmp_path / "model/model.json").read_bytes()


def test_decisions_make_the_model_that_their_file_makes(stored: list[dict[str, str]], tmp_path: Path, run: Run) -> None:
    (tmp_path / WHOLE).write_text(text(stored))
    with served() as url:
        of_type = ("--event-type", "till_sale", "--url", url, "--key", "key")
        ran = trained(run, tmp_path, tmp_path / WHOLE, "--label", "label", "--labelled-at", "labelled_at", *of_type)
    assert ran.code == 0, ran.err
    of_file, manifest = model(tmp_path), json.loads((tmp_path / "model/manifest.json").read_text())
    ran = from_store(run, tmp_path)
    assert ran.code == 0, ran.err
    assert model(tmp_path) == of_file
    said = json.loads((tmp_path / "model/manifest.json").read_text())
    selection = said["data"].pop("selection")
    assert said == manifest
    assert selection == {"decided": PAYMENTS, "blocked": 0, "blocked_money": 0, "held": 0, "drawn": 0, "drawn_for": 0,
                         "of_files": 0, "unread": {"card_sales": 0, "card_spent": 0}}  # fmt: skip


@pytest.mark.long
def test_one_label_or_one_payment_less_makes_another_model(
    lasting_engine: Stack, stored: list[dict[str, str]], tmp_path: Path, run: Run
) -> None:
    early = [one for one in stored if one["label"]][20]
    label = f"/api/v1/database/transactions/{early['sale_id']}/label"
    assert LABELS.send("DELETE", label).status == 200
    assert from_store(run, tmp_path).code == 0
    unlabelled = model(tmp_path)
    again = {"label": "fraud", "source": "chargeback", "labelled_at": early["labelled_at"]}
    assert LABELS.send("PUT", label, again).status == 200
    key: Any = {"transaction_id": {"S": stored[40]["sale_id"]}, "record": {"S": TRANSACTION_RECORD}}
    table = lasting_engine.transactions
    lost = client.dynamodb().delete_item(TableName=table, Key=key, ReturnValues="ALL_OLD")["Attributes"]
    assert from_store(run, tmp_path).code == 0
    without_one = model(tmp_path)
    client.dynamodb().put_item(TableName=table, Item=lost)
    assert from_store(run, tmp_path).code == 0
    assert len({unlabelled, without_one, model(tmp_path)}) == 3


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ((), "Say either FILE with --label, or --from-store"),
        (("--from-store",), "say either --days, or --from"),
        (("--from-store", "--days", "7", "--to", "2026-01-01"), "--to goes with --from"),
        (("--from-store", "--days", "7", "--label", "a"), "--label goes with FILE only"),
        ((__file__, "--days", "7"), "--days goes with --from-store only"),
        ((__file__,), "Say --label"),
    ],
)
def test_payments_come_from_one_place(run: Run, asked: tuple[str, ...], says: str) -> None:
    ran = run("train", *asked)
    assert ran.code == 2
    assert says in ran.err
