"""A file of which most rows are flagged, beside busy loops and payments: it completes, and payments stay stored."""

import asyncio
import itertools
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Tell
from tests.faults.harness.cloud import Cloud, up
from tests.faults.harness.history import History
from tests.faults.harness.load import Load, for_seconds

HEADER = (
    "step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest,transaction_id\n"
)
KEY = "incoming/many.csv"
JOBS = "/api/v1/batch/jobs"
LOOK_S = 3.0  # of payments, then the job is looked at
PERSISTED = 0.9  # of the payments beside the file, at least
ENDED = {"completed", "failed", "cancelled"}


def many(rows: int) -> bytes:
    """A file of which two rows in three empty an account."""
    kinds = ("TRANSFER", "TRANSFER", "PAYMENT")
    lines = (
        f"1,{kinds[at % 3]},{at + 1000}.00,C{at + 300_000_000},{at + 1000}.00,0,C{at + 400_000_000},0,0,m{at}\n"
        for at in range(rows)
    )
    return (HEADER + "".join(lines)).encode()


@contextmanager
def busy(loops: int) -> Iterator[None]:
    """So many processes that compute for nothing."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(loops)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def asked(cloud: Cloud, path: str, body: bytes | None = None) -> Any:
    headers = {"X-API-Key": cloud.key, "Content-Type": "application/json"}
    request = urllib.request.Request(cloud.gateway + path, body, headers)
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


def scored(cloud: Cloud, rows: int, within_s: float) -> tuple[Any, History, float]:
    """The job of such a file at its end, the payments meanwhile, and the seconds that it took."""
    cloud.client("s3").put_object(Bucket="jobsbucket", Key=KEY, Body=many(rows))
    command = json.dumps({"job_type": "process_csv", "data": {"s3_key": KEY}}).encode()
    job_id, began, history = asked(cloud, JOBS, command)["job_id"], time.monotonic(), History()
    for number in itertools.count():
        load = Load(1, pause_s=0.2, seed=f"beside-{number}")
        history.calls += asyncio.run(load.run(cloud.gateway, cloud.key, for_seconds(LOOK_S))).calls
        job, took = asked(cloud, f"{JOBS}/{job_id}"), time.monotonic() - began
        if job["status"] in ENDED or took > within_s:
            return job, history, took
    raise AssertionError("the numbers never end")


def checked(job: Any, history: History, rows: int) -> str:
    """Checks that the file is whole and the payments are stored; returns the figures."""
    assert (job["status"], job["error_message"], job["unstored_items"]) == ("completed", None, 0)
    assert job["results"]["stored"] == job["results"]["high_risk_count"] >= rows * 0.6
    kept, late = history.acknowledged(persisted=True), history.acknowledged(persisted=False)
    sent = {call.id for call in history.calls}  # some were sent again
    share = len(kept) / len(sent)
    assert share >= PERSISTED, f"{len(kept)} stored and {len(late)} parked of {len(sent)}"
    return f"{job['results']['stored']:,} decisions stored, {share:.1%} of {len(sent)} payments beside it"


@pytest.mark.long  # it holds the machine to a share of payments, which others' load takes away
@pytest.mark.usefixtures("sqlite_engine")
def test_a_file_of_flagged_rows_beside_a_busy_loop_completes_and_payments_are_stored(
    tmp_path: Path, tell: Tell
) -> None:
    with up(tmp_path / "home") as cloud, busy(1):
        job, history, took = scored(cloud, 600, 120.0)
    tell(f"{checked(job, history, 600)}, {took:.0f} s")


@pytest.mark.long
@pytest.mark.usefixtures("sqlite_engine")
def test_twelve_thousand_rows_beside_six_busy_loops_complete_and_payments_are_stored(
    tmp_path: Path, tell: Tell
) -> None:
    with up(tmp_path / "home") as cloud, busy(6):
        job, history, took = scored(cloud, 12_000, 1200.0)
    tell(f"{checked(job, history, 12_000)}, {took:.0f} s")
