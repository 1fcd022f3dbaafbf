"""A list of a million entries on the laptop cloud: loaded, changed, and asked by every row of a file of a million.

`ENTRIES=100000 ROWS=100000` make it smaller.
"""

import csv
import io
import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from infra.cli.lists.client import ListClient
from infra.laptop.process import dynoxide
from tests.integration.laptop.test_cloud import TRANSACTION, Up, descendants, up
from tests.long.dynamo_calls import DynamoCalls, counted
from tests.long.test_batch_million import ended
from tests.payments import payments

pytestmark = pytest.mark.long

ENTRIES, ROWS = (int(os.environ.get(name, "1000000")) for name in ("ENTRIES", "ROWS"))
LISTED_ROWS = 1_000  # of the file, spread evenly
IN_FORCE_S, PART_ROWS = 60.0, 10_000
WHEN = "nameOrig in lists.mules"
RULE = {"code": "known_mule", "outcome": "block", "when": WHEN, "limit": "none", "limit_reason": "mules"}


@dataclass(frozen=True, slots=True)
class Listed:
    """A cloud whose store's calls are counted, with the rule in force and no entry yet."""

    cloud: Up
    calls: DynamoCalls


def peaks() -> dict[str, int]:
    """The most MiB that any process of a program has had, of those that we started."""
    found: dict[str, int] = {}
    for process in descendants(os.getpid()):
        with suppress(OSError):  # it has ended
            status = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
            name, most = status["Name"].strip(), int(status.get("VmHWM", "0").split()[0]) // 1024
            found[name] = max(found.get(name, 0), most)
    return found


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listed]:
    binary, folder = dynoxide.binary(), tmp_path_factory.mktemp("listed")
    if isinstance(binary, dynoxide.EngineMissing):
        pytest.skip(binary.reason)
    with dynoxide.serve(binary, folder / "store.db") as url, counted(url, "ListsTable") as calls:
        env = {"AWS_ENDPOINT_URL_DYNAMODB": calls.url, "RATE_LIMIT_REQUESTS": "1000000"}
        with up(folder / "home", env=env) as cloud:
            body = json.dumps({"kind": "account", "description": "Accounts that took stolen money"})
            assert cloud.call("PUT", "/api/v1/policy/lists/mules", "ADMIN_API_KEY", body)[0] == 200
            ruled = {"based_on": 1, "thresholds": {"review": 0.9, "block": 0.95}, "rules": [RULE]}
            status, made = cloud.call("POST", "/api/v1/policy/versions", "ADMIN_API_KEY", json.dumps(ruled))
            assert status == 201, made
            force, path = (
                json.dumps({"force": True, "note": "t"}),
                f"/api/v1/policy/versions/{made['version']}/activate",
            )
            assert cloud.call("POST", path, "ADMIN_API_KEY", force)[0] == 200
            yield Listed(cloud, calls)


def told(capsys: pytest.CaptureFixture[str], line: str) -> None:
    with capsys.disabled():
        print(f"\n{line}", flush=True)  # noqa: T201 figures of docs


def test_a_million_entries_are_loaded(listed: Listed, capsys: pytest.CaptureFixture[str]) -> None:
    client = ListClient(listed.cloud.address.gateway, listed.cloud.keys["ADMIN_API_KEY"])
    listed.calls.clear()
    began = time.monotonic()
    *_, loaded = client.load("mules", chain(["value\n"], (f"mule-{number}\n" for number in range(ENTRIES))))
    took = time.monotonic() - began
    assert (loaded.added + loaded.unchanged, loaded.refused) == (ENTRIES, [])
    told(capsys, f"{ENTRIES:,} entries in {took:.0f} s; {dict(listed.calls.of_table)}; peak MiB {peaks()}")


def test_an_entry_counts_within_a_minute(listed: Listed, capsys: pytest.CaptureFixture[str]) -> None:
    assert decided(listed.cloud, "before") == "approve"
    body = json.dumps({"value": "C-new"})
    assert listed.cloud.call("POST", "/api/v1/policy/lists/mules/entries", "ADMIN_API_KEY", body)[0] == 200
    added = time.monotonic()
    number = 0
    while decided(listed.cloud, f"after-{number}") != "block" and time.monotonic() < added + IN_FORCE_S:
        number += 1
        time.sleep(1)
    told(capsys, f"one entry in force after {time.monotonic() - added:.1f} s")
    assert decided(listed.cloud, "a-minute-later") == "block"


def decided(cloud: Up, transaction_id: str) -> str:
    sent = json.loads(TRANSACTION)["transactions"][0] | {"transaction_id": transaction_id, "nameOrig": "C-new"}
    status, said = cloud.post("/api/v1/score", json.dumps({"transactions": [sent]}), cloud.keys["TEST_API_KEY"])
    assert status == 200, said
    return str(said["results"][0]["decision"])


def file() -> bytes:
    """Payments of which every so many-th sender is on the list."""
    rows = list(csv.DictReader(io.StringIO(payments(ROWS).decode(), newline="")))
    for number, row in enumerate(rows):
        if number % (ROWS // LISTED_ROWS) == 0:
            row["nameOrig"] = f"mule-{number * 7919 % ENTRIES}"
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def test_a_file_asks_it_without_a_read_for_a_row(listed: Listed, capsys: pytest.CaptureFixture[str]) -> None:
    s3, content = listed.cloud.client("s3"), file()
    listed.calls.clear()
    began = time.monotonic()
    s3.upload_fileobj(io.BytesIO(content), "jobsbucket", "incoming/listed.csv")
    job: dict[str, Any] = ended(listed.cloud, "listed.csv")
    took, calls = time.monotonic() - began, listed.calls
    assert (job["status"], job["error_message"], job["results"]["scored"]) == ("completed", None, ROWS)
    text = s3.get_object(Bucket="jobsbucket", Key=f"results/{job['job_id']}/scored.csv")["Body"].read().decode()
    outcomes = [(row["transaction_id"], row["decision"]) for row in csv.DictReader(io.StringIO(text, newline=""))]
    sent = csv.DictReader(io.StringIO(content.decode(), newline=""))
    on = {row["transaction_id"] for row in sent if row["nameOrig"].startswith("mule-")}
    assert len(on) == LISTED_ROWS
    assert on <= {name for name, outcome in outcomes if outcome == "block"}
    told(
        capsys,
        f"{ROWS:,} rows in {took:.0f} s, {job['chunks']} chunks; {dict(calls.of_table)} of the list, {dict(calls.all)} "
        f"in all; peak MiB {peaks()}",
    )
    pages = -(-ENTRIES // 2_000)  # of a query, 1 MB each
    assert sum(calls.of_table.values()) <= 16 + pages + ROWS // PART_ROWS
