"""Batch without what it stands on: each adapter says what did not answer, so that the state machine tries again."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from fraudshield.aws import wiring
from fraudshield.aws.batch_store import ChunkStore
from fraudshield.aws.joining import LEAST_BYTES
from fraudshield.batch.job import Job, JobFile, Progress, Wish
from fraudshield.batch.tally import Tally
from fraudshield.errors import FilesUnavailable, NotFound, QueueUnavailable, RunnerUnavailable, StoreUnavailable
from fraudshield.ports import Ending
from tests.stack import Stack

NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody listens
FILE = JobFile("bucket", "incoming/a.csv", "v", 10, datetime(2026, 11, 24, tzinfo=UTC))
JOB = Job(FILE, "process_csv", Wish(), "pending", FILE.received_at)

Call = Callable[[], Any]


@pytest.fixture
def away(stack: Stack, told: Callable[..., None]) -> Stack:
    """Nothing that batch stands on answers."""
    services = ("DYNAMODB", "S3", "SFN", "SNS", "SQS")
    told(**{f"AWS_ENDPOINT_URL_{service}": NOWHERE for service in services})
    return stack


def join() -> None:
    wiring.files().join("results/a").write(b"x" * 2 * LEAST_BYTES)


def end_short_join() -> None:
    joining = wiring.files().join("results/a")
    joining.write(b"x")
    joining.close()


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: wiring.jobs().find("job"), StoreUnavailable),
        (lambda: wiring.jobs().create(JOB), StoreUnavailable),
        (lambda: wiring.jobs().note_chunk("job", "plan", 0, Progress()), StoreUnavailable),
        (lambda: wiring.jobs().end("job", Ending("failed", FILE.received_at)), StoreUnavailable),
        (lambda: wiring.files().find("incoming/a.csv"), FilesUnavailable),
        (lambda: wiring.files().read(FILE, 0, 5), FilesUnavailable),
        (lambda: wiring.files().put("jobs/a", b""), FilesUnavailable),
        (lambda: wiring.files().join("results/a").append("jobs/a", LEAST_BYTES), FilesUnavailable),
        (join, FilesUnavailable),
        (end_short_join, FilesUnavailable),
        (lambda: wiring.desk().runner.start(JOB), RunnerUnavailable),
        (lambda: wiring.desk().runner.stop(JOB), RunnerUnavailable),
        (lambda: wiring.job_announcer().announce(JOB), QueueUnavailable),
        (lambda: wiring.file_erasures().pending(), StoreUnavailable),
        (lambda: wiring.file_erasures().ring(), StoreUnavailable),
        (lambda: wiring.file_erasures().lease(FILE.received_at, FILE.received_at), StoreUnavailable),
        (lambda: wiring.file_erasures().release({}, ended=None), StoreUnavailable),
    ],
)
@pytest.mark.usefixtures("away")
def test_what_does_not_answer_is_said(call: Call, error: type[Exception]) -> None:
    with pytest.raises(error):
        call()


def test_what_is_refused_is_said_with_its_code(stack: Stack) -> None:
    with pytest.raises(RunnerUnavailable, match="StateMachineDoesNotExist"):
        wiring.desk().runner.start(JOB)
    wiring.desk().runner.stop(JOB)  # one that runs no more is no error
    with pytest.raises(NotFound):
        wiring.jobs().find("job")
    with pytest.raises(FilesUnavailable, match="NoSuchBucket"):
        wiring.files().join("results/a").append("jobs/a", LEAST_BYTES)


def test_an_object_is_not_there_before_it_is_whole(lasting_files: Stack) -> None:
    joining = wiring.files().join("results/b")
    joining.write(b"x" * 2 * LEAST_BYTES)
    joining.abandon()
    wiring.files().join("results/b").abandon()
    assert wiring.files().get("results/b") is None


def test_decisions_without_a_store_are_tried_again_in_the_end(stack: Stack) -> None:
    store = ChunkStore(stack.transactions, wiring.store_calls(), wiring.erasures(), "job#0")
    assert store.keep([]) == Tally()
