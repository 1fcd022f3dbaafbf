"""After an erasure the name is in no file of the laptop's folder: tables, objects and their versions, queues, logs."""

import json
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from infra.laptop.process import dynoxide
from tests.chunk import HEADER, row
from tests.conftest import ROOT
from tests.integration.laptop.test_cloud import Up, until, up

NAME = "C7391046251"
WAIT_S = 240.0


def finished(cloud: Up) -> bool:
    _, told = cloud.call("GET", "/api/v1/batch/jobs?status=completed", "ADMIN_API_KEY")
    return bool(told["jobs"])


def erased(cloud: Up) -> bool:
    _, told = cloud.call("DELETE", f"/api/v1/database/accounts/{NAME}", "ADMIN_API_KEY")
    return bool(told.get("complete"))  # a refusal for asking too often has none


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
        assert (
            cloud.post("/api/v1/score", json.dumps({"transactions": [first, other]}), cloud.keys["TEST_API_KEY"])[0]
            == 200
        )
        content = wide + row(transaction_id="f-1", amount=NAME).strip() + f",call {NAME}\n" + f"{NAME},shifted\n"
        cloud.client("s3").put_object(Bucket="jobsbucket", Key="incoming/a.csv", Body=content.encode())
        until(lambda: finished(cloud), WAIT_S)
        until(lambda: erased(cloud), WAIT_S)
        cloud.process.send_signal(signal.SIGTERM)
        cloud.process.wait(WAIT_S)
    if (home / "dynamodb.db").exists():
        forget_stream(home / "dynamodb.db")
    files = [path for path in home.rglob("*") if path.is_file()]
    assert files
    assert [path.relative_to(home) for path in files if NAME.encode() in path.read_bytes()] == []
