"""The restore drill, on the laptop cloud: a store of 10,000 as of one minute, put into a new cloud, counts the same.

The engine has no point-in-time recovery; a copy of its file, made between two commits, is what that would have given.
"""

import json
import sqlite3
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.deployment.restore import restore
from infra.laptop.process import dynoxide
from tests.integration.laptop.test_cloud import TRANSACTION, Up, answer, counted, until, up

pytestmark = pytest.mark.long

PAYMENTS, CALL, LABELS, WITHIN_S, SOURCE = 10_000, 100, 400, 600.0, "api"
TABLES = ("TransactionsTable", "PoliciesTable", "ListsTable")
OF_PAYMENTS = ("transactions", "label.fraud", "label.genuine")
ASKED = (
    "/api/v1/analytics/fraud-trends?days=7",
    "/api/v1/analytics/transaction-patterns?days=7",
    "/api/v1/analytics/risk-distribution?days=7",
    "/api/v1/analytics/model-performance?days=7",
)
OF_THE_CALL = ("generated_at", "request_id", "as_of", "counted_until")


@pytest.fixture
def binary() -> Path:
    found = dynoxide.binary()
    if isinstance(found, dynoxide.EngineMissing):
        pytest.skip(found.reason)
    return found


def test_what_was_restored_to_a_minute_counts_as_it_did(
    binary: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    restored = tmp_path / "restored.db"
    with cloud(binary, tmp_path, "lost") as lost:
        made(lost, 0, PAYMENTS)
        wanted = answers(lost)
        stored = lists(lost)
        with closing(sqlite3.connect(tmp_path / "lost.db")) as now, closing(sqlite3.connect(restored)) as copy:
            now.backup(copy)
        made(lost, PAYMENTS, PAYMENTS + CALL)  # after the minute: none of it comes back
    with dynoxide.serve(binary, restored) as source, cloud(binary, tmp_path, "new") as new:
        began = time.monotonic()
        done = restore(client(source), new.client("dynamodb"), {name: name for name in TABLES}, lambda _: None)
        put = time.monotonic() - began
        assert done["TransactionsTable"].put >= PAYMENTS
        until(lambda: [counted(new, name, SOURCE) for name in OF_PAYMENTS] == [PAYMENTS, LABELS, LABELS], WITHIN_S)
        counted_s = time.monotonic() - began
        assert (answers(new), lists(new)) == (wanted, stored)
        assert new.call("GET", "/api/v1/database/transactions/drill-9999", "FRONTEND_API_KEY")[0] == 200
        assert new.call("GET", f"/api/v1/database/transactions/drill-{PAYMENTS}", "FRONTEND_API_KEY")[0] == 404
    with capsys.disabled():
        print(f"\n{PAYMENTS:,} payments put back in {put:.0f} s, counted after {counted_s:.0f} s; {done}")  # noqa: T201


@contextmanager
def cloud(binary: Path, folder: Path, name: str) -> Iterator[Up]:
    """A cloud of its own, whose tables lie in a file of that name."""
    with dynoxide.serve(binary, folder / f"{name}.db") as url:
        env = {"AWS_ENDPOINT_URL_DYNAMODB": url, "RATE_LIMIT_REQUESTS": "1000000"}
        with up(folder / name, env=env) as running:
            yield running


def client(endpoint: str) -> Any:
    return boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name="eu-west-1",
        aws_access_key_id="laptop",
        aws_secret_access_key="laptop",
    )


def made(running: Up, first: int, last: int) -> None:
    """Payments that are scored, some labelled, a list with entries, all counted."""
    for start in range(first, last, CALL):
        sent(running, "POST", "/api/v1/score", "TEST_API_KEY", {"transactions": payments(start)})
    if first == 0:
        for start in range(0, 2 * LABELS, CALL):
            rows = [f"drill-{n},{('fraud', 'genuine')[n % 2]}\n" for n in range(start, start + CALL)]
            text = "".join(["transaction_id,label\n", *rows])
            until(partial(labelled, running, text), WITHIN_S)
        about = {"kind": "account", "description": "Accounts that took stolen money"}
        sent(running, "PUT", "/api/v1/policy/lists/mules", "ADMIN_API_KEY", about)
        for n in range(20):
            sent(running, "POST", "/api/v1/policy/lists/mules/entries", "ADMIN_API_KEY", {"value": f"C{n}"})
    until(lambda: counted(running, source=SOURCE) == last, WITHIN_S)
    until(lambda: counted(running, "label.fraud", SOURCE) == LABELS, WITHIN_S)


def payments(first: int) -> list[dict[str, Any]]:
    pattern = json.loads(TRANSACTION)["transactions"][0]
    return [
        pattern | {"transaction_id": f"drill-{n}", "nameOrig": f"C{n % 977}", "amount": 100 + n * 7919 % 500_000}
        for n in range(first, first + CALL)
    ]


def sent(running: Up, method: str, path: str, key: str, body: Any) -> None:
    """Once more while a loaded machine does not answer in time: all of these may be repeated."""
    until(lambda: running.call(method, path, key, json.dumps(body))[0] == 200, WITHIN_S)


def labelled(running: Up, text: str) -> bool:
    headers = {"Content-Type": "text/csv", "X-API-Key": running.keys["FRONTEND_API_KEY"]}
    url = f"{running.address.gateway}/api/v1/database/labels"
    return answer(urllib.request.Request(url, text.encode(), headers))[0] == 200


def answers(running: Up) -> list[Any]:
    """What analytics says of the payments, but for the moments at which it says so."""
    found = []
    for path in ASKED:
        status, said = running.call("GET", path, "FRONTEND_API_KEY")
        assert status == 200, said
        found.append({name: one for name, one in said.items() if name not in OF_THE_CALL})
    return found


def lists(running: Up) -> Any:
    status, said = running.call("GET", "/api/v1/policy/lists/mules/entries", "FRONTEND_API_KEY")
    assert status == 200, said
    return said["entries"]
