"""Batch without its stores: each adapter says what did not respond, so that the state machine tries again."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from fraudshield.batch import wiring as batch_wiring
from fraudshield.batch.job import Job, JobFile, JobOptions, JobProgress
from fraudshield.batch.port import JobEnd
from fraudshield.batch.s3_join import LEAST_BYTES
from fraudshield.errors import FilesUnavailable, NotFound, QueueUnavailable, RunnerUnavailable, StoreUnavailable
from tests.stack import Stack

NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody listens
FILE = JobFile("bucket", "incoming/a.csv", "v", 10, datetime(2026, 11, 24, tzinfo=UTC))
JOB = Job(FILE, "process_csv", JobOptions(), "pending", FILE.received_at)

Call = Callable[[], Any]


@pytest.fixture
def away(stack: Stack, told: Callable[..., None]) -> Stack:
    """No service that batch needs responds."""
    services = ("DYNAMODB", "S3", "SFN", "SNS", "SQS")
    told(**{f"AWS_ENDPOINT_URL_{service}": NOWHERE for service in services})
    return stack


def join() -> None:
    batch_wiring.files().writer("results/a").write(b"x" * 2 * LEAST_BYTES)


def end_short_join() -> None:
    writer = batch_wiring.files().writer("results/a")
    writer.write(b"x")
    writer.close()


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: batch_wiring.jobs().find("job"), StoreUnavailable),
        (lambda: batch_wiring.jobs().create(JOB), StoreUnavailable),
        (lambda: batch_wiring.jobs().note_chunk("job", "plan", 0, JobProgress()), StoreUnavailable),
        (lambda: batch_wiring.jobs().end("job", JobEnd("failed", FILE.received_at)), StoreUnavailable),
        (lambda: batch_wiring.files().find("incoming/a.csv"), FilesUnavailable),
        (lambda: batch_wiring.files().read(FILE, 0, 5), FilesUnavailable),
        (lambda: batch_wiring.files().put("jobs/a", b""), FilesUnavailable),
        (lambda: batch_wiring.files().writer("results/a").append("jobs/a", LEAST_BYTES), FilesUnavailable),
        (join, FilesUnavailable),
        (end_short_join, FilesUnavailable),
        (lambda: batch_wiring.job_service().runner.start(JOB), RunnerUnavailable),
        (lambda: batch_wiring.job_service().runner.stop(JOB), RunnerUnavailable),
        (lambda: batch_wiring.job_announcer().announce(JOB), QueueUnavailable),
        (lambda: batch_wiring.file_erasures().pending(), StoreUnavailable),
        (lambda: batch_wiring.file_erasures().wake(), StoreUnavailable),
        (lambda: batch_wiring.file_erasures().lease(FILE.received_at, FILE.received_at), StoreUnavailable),
        (lambda: batch_wiring.file_erasures().release({}, ended=None), StoreUnavailable),
    ],
)
@pytest.mark.usefixtures("away")
def test_what_does_not_answer_is_said(call: Call, error: type[Exception]) -> None:
    with pytest.raises(error):
        call()


def test_what_is_refused_is_said_with_its_code(stack: Stack) -> None:
    with pytest.raises(RunnerUnavailable, match="StateMachineDoesNotExist"):
        batch_wiring.job_service().runner.start(JOB)
    batch_wiring.job_service().runner.stop(JOB)  # one that runs no more is no error
    with pytest.raises(NotFound):
        batch_wiring.jobs().find("job")
    with pytest.raises(FilesUnavailable, match="NoSuchBucket"):
        batch_wiring.files().writer("results/a").append("jobs/a", LEAST_BYTES)


def test_an_object_is_not_there_before_it_is_whole(lasting_files: Stack) -> None:
    writer = batch_wiring.files().writer("results/b")
    writer.write(b"x" * 2 * LEAST_BYTES)
    writer.abandon()
    batch_wiring.files().writer("results/b").abandon()
    assert batch_wiring.files().get("results/b") is None
