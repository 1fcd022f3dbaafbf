"""A million rows on the laptop cloud: none is lost, and the risk is that of the API, bit for bit."""

import csv
import io
import json
import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.integration.laptop.test_cloud import Up, until, up
from tests.payments import payments

pytestmark = pytest.mark.long

ROWS, BAD, SAMPLE = 1_000_000, 1_000, 1_000
PATIENCE_S = 1800.0
TEXTS = {"transaction_id", "type", "nameOrig", "nameDest"}
NUMBERS = ("amount", "oldbalanceOrg", "newbalanceOrig", "oldbalanceDest", "newbalanceDest")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    with up(tmp_path_factory.mktemp("million") / "home", env={"RATE_LIMIT_REQUESTS": "100000"}) as running:
        yield running


def ended(cloud: Up, name: str) -> dict[str, Any]:
    """The job of a file, once it has ended."""
    found: dict[str, Any] = {}

    def over() -> bool:
        _, said = cloud.call("GET", "/api/v1/batch/jobs", "ADMIN_API_KEY")
        found.update(next((one for one in said.get("jobs", []) if one["file"].endswith(name)), {}))
        return found.get("status") in {"completed", "failed", "cancelled"}

    until(over, PATIENCE_S)
    return found


def sent(row: Mapping[str, str]) -> dict[str, Any]:
    numbers = {name: float(row[name]) for name in NUMBERS}
    return {name: row[name] for name in TEXTS} | numbers | {"step": int(row["step"])}


def test_a_million_rows_are_scored_as_the_api_scores_them(cloud: Up) -> None:
    content = payments(ROWS) + b"not a row\n" * BAD
    s3 = cloud.client("s3")
    began = time.monotonic()
    s3.upload_fileobj(io.BytesIO(content), "jobsbucket", "incoming/million.csv")
    uploaded = time.monotonic()
    job = ended(cloud, "million.csv")
    took = time.monotonic() - uploaded
    assert (job["status"], job["error_message"]) == ("completed", None)
    results = job["results"]
    assert results["rows"] == results["scored"] + results["rejected"] == ROWS + BAD
    assert results["rejected"] == BAD
    text = s3.get_object(Bucket="jobsbucket", Key=f"results/{job['job_id']}/scored.csv")["Body"].read().decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == ROWS
    assert len({one["transaction_id"] for one in rows}) == ROWS
    sample = random.Random(1).sample(rows, SAMPLE)
    body = json.dumps({"transactions": [sent(row) for row in sample], "store": False})
    status, response = cloud.call("POST", "/api/v1/score", "TEST_API_KEY", body)
    assert status == 200
    assert [one["risk"] for one in response["results"]] == [float(row["risk"]) for row in sample]
    print(  # noqa: T201 the figures that docs/batch.md has
        f"\n{len(content):,} bytes uploaded in {uploaded - began:.1f} s; job {took:.1f} s, {ROWS / took:,.0f} rows/s, "
        f"{job['chunks']} chunks, {results['high_risk_count']:,} flagged, {results['stored']:,} stored"
    )


def test_the_stock_command_line_of_aws_starts_a_job(cloud: Up, tmp_path: Path) -> None:
    program = shutil.which("aws")
    if program is None:
        pytest.skip("the AWS CLI is not installed: pip install awscli in an environment of its own, first in PATH")
    file = tmp_path / "cli.csv"
    file.write_bytes(payments(200_000))  # several parts
    sdk = cloud.address.sdk
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **sdk.variables()}
    command = [program, "--endpoint-url", sdk.services, "s3", "cp", str(file), "s3://jobsbucket/incoming/cli.csv"]
    subprocess.run(command, env=env, check=True, capture_output=True, timeout=300)
    job = ended(cloud, "cli.csv")
    assert (job["status"], job["processed_items"]) == ("completed", 200_000)
