"""Files on the laptop cloud: what the state machine, the queue and the bucket make of them there."""

import csv
import io
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig

from tests.integration.laptop.test_cloud import LATE, Up, fraudshield, until, up
from tests.payments import padded, payments

ROWS, BAD = 1_500, 3
NOTE = 3_600  # characters that make it three chunks
CHUNK_BYTES = 2 << 20
IN_PARTS = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)  # as the AWS CLI from 8 MB on
SAMPLE = 100
BATCH = "/api/v1/batch"
PATIENCE_S = 180.0


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    chosen = {"RATE_LIMIT_REQUESTS": "100000", "BATCH_CHUNK_BYTES": str(CHUNK_BYTES)}
    with up(tmp_path_factory.mktemp("batch") / "home", env=chosen) as running:
        yield running


def jobs(cloud: Up, query: str = "") -> list[dict[str, Any]]:
    """Lists all jobs; a busy cloud may need another request."""
    found: list[dict[str, Any]] = []

    def asked() -> bool:
        status, said = cloud.call("GET", f"{BATCH}/jobs{query}", "ADMIN_API_KEY")
        assert status in LATE | {200}, said
        found[:] = said.get("jobs", [])
        return status == 200

    until(asked)
    return found


def ended(cloud: Up, name: str) -> dict[str, Any]:
    """The job of a file, once it has ended."""
    found: dict[str, Any] = {}

    def over() -> bool:
        found.update(next((one for one in jobs(cloud) if one["file"].endswith(name)), {}))
        return found.get("status") in {"completed", "failed", "cancelled"}

    until(over, PATIENCE_S)
    return found


def link(cloud: Up, job_id: str, name: str) -> str:
    with urllib.request.urlopen(cloud.call("GET", f"{BATCH}/jobs/{job_id}", "TEST_API_KEY")[1][name]) as response:
        return str(response.read().decode())


def test_a_file_of_three_chunks_is_scored_and_a_bad_one_says_why(cloud: Up) -> None:
    s3 = cloud.client("s3")
    content = padded(payments(ROWS), NOTE) + b"x\n" * BAD
    s3.upload_fileobj(io.BytesIO(content), "jobsbucket", "incoming/m\u00e4rz 1.csv", Config=IN_PARTS)
    s3.put_object(Bucket="jobsbucket", Key="incoming/picture.csv", Body=b"\x89PNG\r\n\x1a\n")
    job = ended(cloud, "rz 1.csv")
    assert (job["status"], job["error_message"], job["progress"], job["chunks"]) == ("completed", None, 100, 3)
    assert (job["total_items"], job["failed_items"]) == (ROWS + BAD, BAD)
    rows = list(csv.DictReader(io.StringIO(link(cloud, job["job_id"], "result_url"), newline="")))
    refused = list(csv.DictReader(io.StringIO(link(cloud, job["job_id"], "rejects_url"), newline="")))
    assert (len(rows), [int(one["line"]) for one in refused]) == (ROWS, [ROWS + 2, ROWS + 3, ROWS + 4])
    assert sum(one["decision"] != "approve" for one in rows) == job["results"]["high_risk_count"]
    assert {one["stored_as"] for one in rows if one["stored_as"]} == cloud.stored()
    assert risks(cloud, rows[:SAMPLE]) == [float(one["risk"]) for one in rows[:SAMPLE]]
    assert totals(cloud) == ROWS
    failed = ended(cloud, "picture.csv")
    assert failed["status"] == "failed"
    assert "found a PNG image" in failed["error_message"]
    assert len(jobs(cloud)) == 2  # results and parts have started nothing


def risks(cloud: Up, rows: list[dict[str, str]]) -> list[float]:
    """Of these rows, over HTTP."""
    texts, whole = {"transaction_id", "type", "nameOrig", "nameDest"}, {"step"}
    names = ["transaction_id", "step", "type", "amount", "nameOrig", "oldbalanceOrg", "newbalanceOrig", "nameDest"]
    names += ["oldbalanceDest", "newbalanceDest"]
    sent = [
        {name: row[name] if name in texts else int(row[name]) if name in whole else float(row[name]) for name in names}
        for row in rows
    ]
    body = json.dumps({"transactions": sent, "store": False})
    return [one["risk"] for one in cloud.call("POST", "/api/v1/score", "TEST_API_KEY", body)[1]["results"]]


def totals(cloud: Up) -> int:
    """Transactions that were counted under the source batch."""
    key = {"series": {"S": "total"}, "bucket": {"S": "batch"}}
    item = cloud.client("dynamodb").get_item(TableName="AggregatesTable", Key=key)["Item"]
    return int(item["transactions"]["N"])


def test_a_job_that_runs_can_be_cancelled_and_started_again(cloud: Up) -> None:
    cloud.client("s3").put_object(Bucket="jobsbucket", Key="incoming/again.csv", Body=payments(2_000))
    until(lambda: any(one["file"] == "incoming/again.csv" for one in jobs(cloud)), PATIENCE_S)
    job_id = next(one["job_id"] for one in jobs(cloud) if one["file"] == "incoming/again.csv")
    status, said = cloud.call("DELETE", f"{BATCH}/jobs/{job_id}", "TEST_API_KEY")
    assert (status, said.get("status")) == (200, "cancelled") or said["code"] == "job_ended"
    body = json.dumps({"job_type": "process_csv", "data": {"s3_key": "incoming/again.csv"}})
    assert cloud.call("POST", f"{BATCH}/jobs", "TEST_API_KEY", body)[1]["job_id"] == job_id
    one = f"{BATCH}/jobs/{job_id}"
    until(lambda: cloud.call("GET", one, "TEST_API_KEY")[1].get("status") == "completed", PATIENCE_S)


def test_the_command_uploads_watches_and_fetches(cloud: Up, tmp_path: Path) -> None:
    file = tmp_path / "march 1.csv"
    file.write_bytes(payments(500) + b"x\n")
    ran = fraudshield("batch", str(file), "--watch", "--store", "none", "--home", str(cloud.state.home))
    assert ran.returncode == 1, ran.stderr
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    assert (told[-1]["status"], told[-1]["progress"], told[-1]["processed_items"]) == ("completed", 100, 501)
    assert "501 rows: 500 scored, 1 refused" in ran.stderr
    assert len((tmp_path / "march 1.scored.csv").read_text().splitlines()) == 501
    assert len((tmp_path / "march 1.rejects.csv").read_text().splitlines()) == 2
    file.write_bytes(b"")
    failed = fraudshield("batch", str(file), "--watch", "--home", str(cloud.state.home))
    assert failed.returncode == 2
    assert "march-1.csv is empty" in failed.stderr
    assert fraudshield("batch", str(file), "--home", str(tmp_path / "nowhere")).returncode == 2
