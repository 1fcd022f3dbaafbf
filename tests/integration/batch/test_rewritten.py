"""A file that an erasure rewrote is no new file; what anybody may write into an object's metadata makes none of one."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fraudshield.batch import wiring as batch_wiring
from fraudshield.dynamo.record import attributes
from fraudshield.text.timestamp import instant
from functions.batch import intake
from tests.caller import Context
from tests.chunk import HEADER, row
from tests.integration.batch.test_erasure import LATER, content, forget, sweep, versions
from tests.job_run import Batch, queued
from tests.stack import Stack, client

FILE = (HEADER + row()).encode()
WRITTEN_AT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture(scope="module")
def batch(lasting_files: Stack) -> Batch:
    return Batch(lasting_files)


def put(batch: Batch, key: str, metadata: dict[str, str]) -> str:
    found: str = client("s3").put_object(Bucket=batch.stack.bucket, Key=key, Body=FILE, Metadata=metadata)["VersionId"]
    return found


def came_in(batch: Batch, key: str, version: str) -> bool:
    """Whether the event of this version started a job."""
    before = batch_wiring.jobs().counts().get("pending", 0)
    event = {"detail": {"object": {"key": key, "version-id": version}}}
    assert intake.lambda_handler(queued(json.dumps(event)), Context()) == {"batchItemFailures": []}  # type: ignore[arg-type]
    started = batch_wiring.jobs().counts().get("pending", 0) > before
    if started:  # a sweep waits for jobs
        cancel(batch, key, version)
    return started


def cancel(batch: Batch, key: str, version: str) -> None:
    job_id = batch_wiring.files().find(key, version).job_id
    assert batch.send("DELETE", f"/jobs/{job_id}").json["status"] == "cancelled"


def rewritten(batch: Batch, account: str) -> tuple[str, str]:
    """Key and version of a file that an erasure rewrote."""
    key = f"incoming/of-{account}.csv"
    batch.score(content(account), key)
    forget(account, datetime.now(UTC) + LATER)
    sweep()
    [version] = versions(batch, key)
    return key, version


def metadata(batch: Batch, key: str) -> dict[str, str]:
    found: dict[str, str] = client("s3").head_object(Bucket=batch.stack.bucket, Key=key)["Metadata"]
    return found


NAMES = st.sampled_from(["received-at", "rewrite"])
TIMES = ("2026-11-29T10:00:00Z", "2026-11-29T10:00:00", "2999-01-01T00:00:00Z", "yesterday", "", "0", "T", "9" * 900)
VALUES = st.sampled_from([*TIMES, "0" * 32]) | st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=300)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.dictionaries(NAMES, VALUES, min_size=1))
def test_a_file_with_metadata_of_any_kind_is_a_file_that_came_in(batch: Batch, said: dict[str, str]) -> None:
    key = "incoming/said.csv"
    version = put(batch, key, said)
    assert came_in(batch, key, version)
    response = batch.send("POST", "/jobs", {"job_type": "process_csv", "data": {"s3_key": key}})
    assert (response.status, response.json["known"]) == (200, True)
    cancel(batch, key, version)


def test_a_copy_of_a_rewritten_file_is_a_file_that_came_in(batch: Batch) -> None:
    key, _ = rewritten(batch, "C601")
    other = "incoming/copy.csv"
    source = {"Bucket": batch.stack.bucket, "Key": key}
    copied = client("s3").copy_object(Bucket=batch.stack.bucket, Key=other, CopySource=source)["VersionId"]
    assert metadata(batch, other) == metadata(batch, key) != {}
    assert came_in(batch, other, copied)


def test_another_version_with_the_same_metadata_is_a_file_that_came_in(batch: Batch) -> None:
    key, first = rewritten(batch, "C602")
    second = put(batch, key, metadata(batch, key))
    assert (came_in(batch, key, first), came_in(batch, key, second)) == (False, True)


def test_a_rewritten_file_was_received_when_the_one_that_it_replaces_was(batch: Batch) -> None:
    key = "incoming/since.csv"
    job = batch.score(content("C603"), key)
    files = batch_wiring.files()
    writer = files.writer(key, WRITTEN_AT)
    writer.write(FILE)
    writer.close()
    found = files.find(key)
    assert (found.rewritten, found.received_at) == (True, WRITTEN_AT)
    assert found.version != job.file.version


def test_a_sweep_that_ended_before_it_noted_the_version_has_rewritten_the_first_one_that_is_seen(batch: Batch) -> None:
    key, token = "incoming/half.csv", "a" * 32
    batch_wiring.files().rewrites.begin(key, token, WRITTEN_AT)
    first, second = (put(batch, key, {"rewrite": token}) for _ in range(2))
    assert (came_in(batch, key, first), came_in(batch, key, second)) == (False, True)


def test_a_sweep_that_goes_on_removes_the_old_versions_that_the_last_one_left(batch: Batch) -> None:
    key, _ = rewritten(batch, "C605")
    writer = batch_wiring.files().writer(key, datetime.now(UTC))
    writer.write(FILE)
    writer.close()
    assert len(versions(batch, key)) == 2
    forget("C606", datetime.now(UTC) + LATER)
    sweep()
    assert len(versions(batch, key)) == 1


@pytest.mark.parametrize(
    ("erased", "ended", "starts"),
    [(-60, 60, False), (-60, None, False), (-120, -60, True), (60, 120, True)],
    ids=["under way", "not ended", "over", "not begun"],
)
def test_a_file_that_an_earlier_release_rewrote_is_known_by_what_that_erasure_noted(
    batch: Batch, erased: int, ended: int | None, starts: bool
) -> None:
    key, now = f"incoming/earlier{erased}{ended}.csv", datetime.now(UTC)
    item: dict[str, Any] = {
        "job_id": "#erasures",
        "record": f"earlier{erased}{ended}",
        "erased_at": instant(now + timedelta(seconds=erased)),
        "rewritten": {key},
        **({} if ended is None else {"done_at": instant(now + timedelta(seconds=ended))}),
    }
    client("dynamodb").put_item(TableName=batch_wiring.jobs().table, Item=attributes(item))
    version = put(batch, key, {"received-at": WRITTEN_AT.isoformat()})
    assert came_in(batch, key, version) is starts
    assert batch_wiring.files().find(key).received_at == WRITTEN_AT or starts
    client("dynamodb").delete_item(
        TableName=batch_wiring.jobs().table,
        Key=attributes({"job_id": item["job_id"], "record": item["record"]}),
    )
