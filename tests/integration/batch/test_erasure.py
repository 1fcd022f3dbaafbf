"""An account is erased: files and results lose its rows, old versions go, and a job that still runs is waited for."""

import gzip
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fraudshield.batch import wiring as batch_wiring
from fraudshield.erasure import wiring as erasure_wiring
from fraudshield.erasure.erasure import SETTLE
from fraudshield.erasure.port import Erased
from fraudshield.erasure.response import receipt
from fraudshield.value_list import service_wiring as list_wiring
from functions.batch import erase, intake
from tests.authors import ADA
from tests.caller import Context
from tests.chunk import DRAINED, HEADER, row
from tests.job_run import Batch, queued
from tests.stack import Stack, client

LATER = timedelta(seconds=2)  # S3 tells times in whole seconds


@pytest.fixture(scope="module")
def batch(lasting_files: Stack) -> Batch:
    return Batch(lasting_files)


def forget(account: str, at: datetime) -> Erased:
    return erasure_wiring.account_eraser(batch_wiring.file_erasures(), list_wiring.lists()).erase(
        account, at, time.monotonic() + 20, ADA
    )


class Long(Context):
    """The context of a function with its whole time-out left."""

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        """All of it."""
        return 900_000


def sweep() -> None:
    erase.lambda_handler({}, Long())  # type: ignore[arg-type]


def versions(batch: Batch, key: str) -> list[str]:
    found = client("s3").list_object_versions(Bucket=batch.stack.bucket, Prefix=key)
    return [one["VersionId"] for one in found.get("Versions", [])]


def content(account: str) -> str:
    return (
        HEADER
        + row(transaction_id=f"{account}-1", nameOrig=account)
        + row(transaction_id=f"{account}-2", nameDest=account)
        + row(transaction_id=f"{account}-3", nameOrig="C1", **DRAINED)
        + "not a row\n"
    )


def test_files_and_results_lose_the_account_and_the_receipt_names_them(batch: Batch) -> None:
    job = batch.score(content("C501"), "incoming/one.csv")
    other = batch.score(HEADER + row(), "incoming/other.csv")
    now = datetime.now(UTC) + LATER
    first = forget("C501", now)
    assert (first.complete, first.files.complete) == (False, False)
    sweep()
    last = forget("C501", now + SETTLE + LATER)
    told = receipt(last)
    scored = job.result_key("scored.csv")
    assert told["complete"]
    assert told["files"] == {"complete": True, "rewritten": ["incoming/one.csv", scored], "unread": []}
    for key in ("incoming/one.csv", scored):
        text = batch.read(key).decode()
        assert "C501," not in text.replace("C501-", "")
        assert [f"C501-{at}" in text for at in (1, 2, 3)] == [False, True, True]
        assert erasure_wiring.erasures().pseudonym("C501") in text
        assert len(versions(batch, key)) == 1
    assert len(versions(batch, other.file.key)) == 1
    assert not [key for key in batch.names() if key.startswith(f"jobs/{job.job_id}")]


def test_an_account_that_never_was_is_looked_for_in_files_and_is_not_left_incomplete(batch: Batch) -> None:
    batch.score(content("C508"), "incoming/eight.csv")
    now = datetime.now(UTC) + LATER
    first = receipt(forget("C404", now))
    assert (first["status"], first["complete"]) == ("searching", False)
    sweep()
    last = receipt(forget("C404", now + SETTLE + LATER))
    assert (last["status"], last["complete"]) == ("complete", True)


def test_what_was_rewritten_is_no_new_file(batch: Batch) -> None:
    key = "incoming/seven.csv"
    batch.score(content("C507"), key)
    forget("C507", datetime.now(UTC) + LATER)
    sweep()
    before, [version] = batch_wiring.jobs().counts(), versions(batch, key)
    event = {"detail": {"object": {"key": key, "version-id": version}}}
    assert intake.lambda_handler(queued(json.dumps(event)), Context()) == {"batchItemFailures": []}  # type: ignore[arg-type]
    assert batch_wiring.jobs().counts() == before


def test_a_packed_file_is_packed_again_and_what_is_no_csv_is_named(batch: Batch) -> None:
    batch.score(gzip.compress(content("C502").encode()), "incoming/two.csv.gz")
    batch.score(b"\x89PNG\r\n\x1a\n", "incoming/two.png")
    now = datetime.now(UTC) + LATER
    forget("C502", now)
    sweep()
    files = forget("C502", now + SETTLE + LATER).files
    assert "incoming/two.csv.gz" in files.rewritten
    assert files.unread == ("incoming/two.png",)
    assert "C502," not in gzip.decompress(batch.read("incoming/two.csv.gz")).decode().replace("C502-", "")


def test_a_job_that_still_runs_is_waited_for(batch: Batch) -> None:
    job = batch.drop(content("C503"), "incoming/three.csv")
    now = datetime.now(UTC) + LATER
    forget("C503", now)
    sweep()
    assert not forget("C503", now + LATER).files.complete
    done = batch.run(job.job_id)
    sweep()
    files = forget("C503", now + SETTLE + LATER).files
    assert set(files.rewritten) >= {"incoming/three.csv", done.result_key("scored.csv")}


def test_a_file_that_came_after_the_erasure_stays(batch: Batch) -> None:
    now = datetime.now(UTC) - timedelta(minutes=5)
    forget("C504", now)
    batch.score(content("C504"), "incoming/four.csv")
    sweep()
    assert batch.read("incoming/four.csv").decode() == content("C504")
    assert forget("C504", now + SETTLE + LATER).complete


def test_a_sweep_that_has_no_more_time_goes_on_where_it_was(batch: Batch, chunks_of: Callable[[int], None]) -> None:
    for at in range(3):
        batch.score(content("C505"), f"incoming/five-{at}.csv")
    now = datetime.now(UTC) + LATER
    forget("C505", now)

    class Short(Context):
        """Enough for the beginning and five files."""

        def __init__(self) -> None:
            self._asked = 0

        def get_remaining_time_in_millis(self) -> int:  # type: ignore[override]
            """Gone at the sixth."""
            self._asked += 1
            return 1000 if self._asked > 6 else 900_000

    calls = 0
    while not (state := batch_wiring.file_erasures().ask(erasure_wiring.erasures().mark("C505"), now)).complete:
        erase.lambda_handler({}, Short())  # type: ignore[arg-type]
        calls += 1
        assert calls < 100
    assert calls > 1
    assert {f"incoming/five-{at}.csv" for at in range(3)} <= set(state.rewritten)
    queue: Any = batch.stack.resolver.refs["FileErasuresQueue"]
    assert batch.stack.messages(queue)


def test_only_one_sweeps_at_a_time(batch: Batch) -> None:
    now = datetime.now(UTC)
    forget("C506", now + LATER)
    book = batch_wiring.file_erasures()
    held = book.lease(now, now + timedelta(minutes=15))
    assert held is not None
    assert book.lease(now, now + timedelta(minutes=15)) is None
    again = book.lease(now + timedelta(minutes=16), now + timedelta(minutes=31))
    assert again == held
    book.release(held[0], ended=now)


NAME = "C508 O'Neil"
WIDE = HEADER.strip() + ",memo\n"


def everywhere() -> str:
    """A file that has the name in every column, in a shifted row, in lines that are no rows, and quoted."""
    columns = HEADER.strip().split(",")
    named = "".join(
        row(**{"transaction_id": f"w-{at}", column: NAME}).strip() + ",\n" for at, column in enumerate(columns)
    )
    passed = [NAME, f"call {NAME} back", f'"{NAME}, urgent"', f'"say ""{NAME}"" "']
    memos = "".join(row(transaction_id=f"m-{at}").strip() + f",{memo}\n" for at, memo in enumerate(passed))
    flagged = row(transaction_id="m-f", **DRAINED).strip() + f",about {NAME}\n"
    return WIDE + named + memos + flagged + f"{NAME},1,PAYMENT\n" + f'"{NAME} is open\n' + f"note on {NAME}\n"


def every_version(batch: Batch) -> dict[str, bytes]:
    """The unpacked bytes of every version of every object."""
    bucket, told = batch.stack.bucket, {}
    for one in client("s3").list_object_versions(Bucket=bucket).get("Versions", []):
        body = client("s3").get_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])["Body"].read()
        told[f"{one['Key']} {one['VersionId']}"] = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
    return told


def test_the_name_is_nowhere_in_any_file_or_version_wherever_it_stood(batch: Batch) -> None:
    job = batch.score(everywhere(), "incoming/everywhere.csv")
    batch.score(gzip.compress(everywhere().encode()), "incoming/everywhere.csv.gz")
    s3, bucket = client("s3"), batch.stack.bucket
    for key in ("uploads/replaced.csv", "uploads/deleted.csv"):
        s3.put_object(Bucket=bucket, Key=key, Body=everywhere().encode())
    s3.put_object(Bucket=bucket, Key="uploads/replaced.csv", Body=(HEADER + row()).encode())
    s3.delete_object(Bucket=bucket, Key="uploads/deleted.csv")
    before = every_version(batch)
    assert (
        NAME in before[f"{job.result_key('rejects.csv')} {versions(batch, job.result_key('rejects.csv'))[0]}"].decode()
    )
    now = datetime.now(UTC) + LATER
    forget(NAME, now)
    sweep()
    files = forget(NAME, now + SETTLE + LATER).files
    assert files.complete
    assert [key for key, content in every_version(batch).items() if NAME in content.decode(errors="replace")] == []
    assert {"incoming/everywhere.csv", job.result_key("scored.csv"), job.result_key("rejects.csv")} <= {
        *files.rewritten
    }
    assert not {"incoming/everywhere.csv", job.result_key("rejects.csv")} & {*files.unread}


def test_results_of_a_job_that_nobody_knows_any_more_are_looked_at(batch: Batch) -> None:
    key = "results/job-long-gone/rejects.csv"
    told = b"line,field,code,reason\n2,amount,decimal_type,\"Input should be a number, found 'C509'\"\n"
    client("s3").put_object(Bucket=batch.stack.bucket, Key=key, Body=told)
    now = datetime.now(UTC) + LATER
    forget("C509", now)
    sweep()
    assert key in forget("C509", now + SETTLE + LATER).files.rewritten
    assert b"C509" not in batch.read(key)
