"""After an erasure the name is in no file of the laptop's folder: tables, objects and their versions, queues, logs.

Nor is what a type's own fields had of that person: what names an entity, and what is found by nobody's name.
"""

import json
import signal
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from infra.laptop.process import dynoxide
from tests.chunk import HEADER, row
from tests.conftest import ROOT
from tests.integration.laptop.test_cloud import Up, until, up

NAME = "C7391046251"
EMAIL, DEVICE, SHARED = "canary-mail-7391@canary.example", "canary-device-7391", "canary-shared-7391"
PERSONAL = (NAME, EMAIL, DEVICE, SHARED)
WEB = {
    "name": "web_payment",
    "extends": "payment",
    "fields": {
        "device_id": {"kind": "text", "entity": "device", "personal": True},
        "email": {"kind": "text", "personal": True},
    },
    "shown": ["device_id"],
}
TO_ERASE = (f"accounts/{NAME}", f"entities/device/{SHARED}")
WAIT_S = 240.0


def finished(cloud: Up) -> bool:
    _, told = cloud.call("GET", "/api/v1/batch/jobs?status=completed", "ADMIN_API_KEY")
    return len(told["jobs"]) == 2


def erased(cloud: Up, what: str) -> bool:
    _, told = cloud.call("DELETE", f"/api/v1/database/{what}", "ADMIN_API_KEY")
    return bool(told.get("complete"))  # a refusal for asking too often has none


def put(cloud: Up) -> bool:
    """Whether the type is in force: a cloud that has just started may not answer in time, and it is put again."""
    return cloud.post("/api/v1/policy/event-types", json.dumps(WEB), cloud.keys["ADMIN_API_KEY"])[0] in {200, 201}


def stored(cloud: Up, asked: dict[str, Any]) -> bool:
    code, told = cloud.post("/api/v1/score", json.dumps(asked), cloud.keys["TEST_API_KEY"])
    return code == 200 and all(one["persisted"] for one in told["results"])


def send_own(cloud: Up, payment: dict[str, Any]) -> None:
    """Payments of a type with personal fields, one by one and as a file: of the erased sender, and with a device."""
    until(partial(put, cloud), WAIT_S)
    theirs = {"transaction_id": "own-1", "nameOrig": NAME, "device_id": DEVICE, "email": EMAIL}
    shared = {"transaction_id": "own-2", "nameOrig": "C3", "device_id": SHARED}
    asked = {"event_type": "web_payment", "transactions": [payment | theirs, payment | shared]}
    until(partial(stored, cloud, asked), WAIT_S)
    rows = [
        row(transaction_id="own-3", nameOrig=NAME).strip() + f",{DEVICE},{EMAIL}\n",
        row(transaction_id="own-4").strip() + f",{SHARED},\n",
    ]
    content = HEADER.strip() + ",device_id,email\n" + "".join(rows)
    cloud.client("s3").put_object(Bucket="jobsbucket", Key="incoming/web_payment/b.csv", Body=content.encode())


def forget_stream(database: Path) -> None:
    """As a day later: until then the stream has what was changed, as on AWS."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE _stream_records SET created_at = created_at - 90000")
        connection.commit()
    dynoxide.tidy(database)


@pytest.mark.long
def test_an_erased_name_is_in_no_file_of_the_folder(tmp_path: Path) -> None:
    home, wide = tmp_path / "home", HEADER.strip() + ",memo\n"
    with up(home) as cloud:
        sent = json.loads((ROOT / "events/model_api_score.json").read_text())["body"]
        first = json.loads(sent)["transactions"][0] | {"transaction_id": "mine", "nameOrig": NAME}
        other = first | {"transaction_id": "to-me", "nameOrig": "C2", "nameDest": NAME}
        until(partial(stored, cloud, {"transactions": [first, other]}), WAIT_S)
        content = wide + row(transaction_id="f-1", amount=NAME).strip() + f",call {NAME}\n" + f"{NAME},shifted\n"
        cloud.client("s3").put_object(Bucket="jobsbucket", Key="incoming/a.csv", Body=content.encode())
        send_own(cloud, first)
        until(lambda: finished(cloud), WAIT_S)
        assert {one for one in PERSONAL if one in everything(home)} == {*PERSONAL}  # or else this looks at nothing
        for what in TO_ERASE:
            until(partial(erased, cloud, what), WAIT_S)
        cloud.process.send_signal(signal.SIGTERM)
        cloud.process.wait(WAIT_S)
    if (home / "dynamodb.db").exists():
        forget_stream(home / "dynamodb.db")
    found = [(path.relative_to(home), one) for path in files(home) for one in PERSONAL if one.encode() in held(path)]
    assert found == []


def everything(home: Path) -> str:
    return b"".join(map(held, files(home))).decode(errors="replace")


def files(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file()]


def held(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""  # one that went while we looked
