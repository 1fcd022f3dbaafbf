"""Chunks killed at any of their calls, and chunks scored several times at once: everything counts once."""

import json
import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from botocore.client import BaseClient
from moto import mock_aws

from fraudshield.analytics import wiring as analytics_wiring
from fraudshield.aws import client
from fraudshield.batch import wiring as batch_wiring
from fraudshield.batch.dynamo_store import ROUND
from fraudshield.batch.job import Job
from tests.chunk import DRAINED, HEADER, row
from tests.conftest import connected
from tests.engine import engine
from tests.job_run import Batch
from tests.stack import Stack

KILLS = 20
MANY, MANY_KILLS = 600, 10
ROWS, FLAGGED = 60, {3, 17, 18, 40, 59}


class Killed(BaseException):
    """The process was killed: our code may not catch it."""


@pytest.fixture(scope="module")
def batch(lasting_files: Stack) -> Batch:
    return Batch(lasting_files)


def payments(name: str) -> str:
    rows = [row(transaction_id=f"{name}-{at}", **(DRAINED if at in FLAGGED else {})) for at in range(ROWS)]
    return HEADER + "".join(rows) + "x\n"


def planned(batch: Batch, name: str) -> tuple[Job, list[Any], str]:
    job = batch.drop(payments(name), f"incoming/{name}.csv")
    told = batch.step("plan", {"job_id": job.job_id})
    return job, json.loads(batch.read(told["key"])), told["plan_id"]


def whole(batch: Batch, job: Job, plan_id: str) -> None:
    """Checks that everything is there once: results, progress, stored rows, counts."""
    before = analytics_wiring.aggregates().totals().get("batch", {}).get("transactions", 0)
    at_the_end = batch_wiring.jobs().find(job.job_id)
    assert (at_the_end.progress.rows, at_the_end.progress.rejected, at_the_end.progress.flagged) == (
        ROWS + 1,
        1,
        len(FLAGGED),
    )
    assert at_the_end.progress.chunks == at_the_end.chunks
    batch.step("merge", {"job_id": job.job_id, "plan_id": plan_id})
    done = batch_wiring.jobs().find(job.job_id)
    assert done.results is not None
    assert (done.results["stored"], done.results["known"]) == (len(FLAGGED), 0)
    assert len(batch.scored(done)) == ROWS
    assert [line for line, *_ in batch.rejects(done)] == [ROWS + 2]
    after = analytics_wiring.aggregates().totals()["batch"]["transactions"]
    assert after - before == ROWS


@pytest.fixture
def killing(monkeypatch: pytest.MonkeyPatch) -> Callable[[int | None], list[int]]:
    """Counts calls to AWS, and kills the process before or after the given one."""
    call = BaseClient._make_api_call  # type: ignore[attr-defined]
    state: dict[str, Any] = {"at": None, "calls": [0]}

    def counted(client: Any, operation: str, arguments: Any) -> Any:
        state["calls"][0] += 1
        if state["at"] is not None and state["calls"][0] == state["at"] // 2:
            if state["at"] % 2:
                call(client, operation, arguments)
            state["at"] = None
            raise Killed
        return call(client, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", counted)

    def kill(at: int | None) -> list[int]:
        state["at"], state["calls"] = at, [0]
        calls: list[int] = state["calls"]
        return calls

    return kill


def test_a_chunk_that_is_killed_twenty_times_at_any_call_is_exact(
    batch: Batch, killing: Callable[[int | None], list[int]], chunks_of: Callable[[int], None]
) -> None:
    chunks_of(1500)
    job, chunks, plan_id = planned(batch, "kill")
    assert len(chunks) > 2
    chance, kills = random.Random(20261129), 0
    while kills < KILLS:
        for chunk in chunks:
            killing(chance.randrange(2, 22))
            try:
                batch.step("score", {"job_id": job.job_id, "chunk": chunk})
            except Killed:
                kills += 1
    killing(None)
    for chunk in chunks:
        batch.step("score", {"job_id": job.job_id, "chunk": chunk})
    assert kills >= KILLS
    whole(batch, job, plan_id)


@pytest.fixture
def batch_on_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Batch]:
    """A stack whose tables are on the laptop's engine, which is quick with transactions; the files are in moto."""
    with mock_aws(), engine(tmp_path) as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        for stack in connected(monkeypatch, partial(Stack.create, files=True)):
            yield Batch(stack)


@pytest.mark.long
def test_chunks_of_flagged_rows_that_are_killed_at_ten_random_calls_go_on_where_they_were(
    batch_on_engine: Batch, killing: Callable[[int | None], list[int]]
) -> None:
    batch, chance, kills, sent = batch_on_engine, random.Random(20261130), 0, 0

    def count(params: dict[str, Any], **_: Any) -> None:
        nonlocal sent
        sent += sum("batch_row" in write.get("Put", {}).get("Item", {}) for write in params["TransactItems"])

    client.files_dynamodb().meta.events.register("provide-client-params.dynamodb.TransactWriteItems", count)
    files = 0
    while kills < MANY_KILLS:
        rows = [row(transaction_id=f"{files}-{at}", **DRAINED) for at in range(MANY)]
        job = batch.drop(HEADER + "".join(rows), f"incoming/many-{files}.csv")
        told = batch.step("plan", {"job_id": job.job_id})
        [chunk] = json.loads(batch.read(told["key"]))
        kills += killed_until_done(batch, killing, chance, {"job_id": job.job_id, "chunk": chunk})
        batch.step("merge", {"job_id": job.job_id, "plan_id": told["plan_id"]})
        done = batch_wiring.jobs().find(job.job_id)
        assert done.results is not None
        assert (done.status, done.results["stored"], done.results["unstored"]) == ("completed", MANY, 0)
        files += 1
    assert files * MANY <= sent <= files * MANY + kills * ROUND


def killed_until_done(
    batch: Batch, killing: Callable[[int | None], list[int]], chance: random.Random, event: dict[str, Any]
) -> int:
    """Scores a chunk that is killed at random calls until it is scored; returns how often it was."""
    kills = 0
    while True:
        killing(chance.randrange(2, 60))
        try:
            batch.step("score", event)
            killing(None)
            return kills
        except Killed:
            kills += 1


def test_a_chunk_that_comes_three_times_at_once_is_exact(batch: Batch, chunks_of: Callable[[int], None]) -> None:
    chunks_of(1500)
    job, chunks, plan_id = planned(batch, "thrice")
    for chunk in chunks:
        event = {"job_id": job.job_id, "chunk": chunk}
        threads = [Thread(target=batch.step, args=("score", event)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    whole(batch, job, plan_id)


@pytest.mark.parametrize("at", range(2, 27, 3))
def test_a_merge_that_is_killed_counts_once_and_completes(
    batch: Batch, killing: Callable[[int | None], list[int]], at: int
) -> None:
    job, chunks, plan_id = planned(batch, f"merge{at}")
    for chunk in chunks:
        batch.step("score", {"job_id": job.job_id, "chunk": chunk})
    before = analytics_wiring.aggregates().totals().get("batch", {}).get("transactions", 0)
    killing(at)
    try:
        batch.step("merge", {"job_id": job.job_id, "plan_id": plan_id})
    except Killed:
        batch.step("merge", {"job_id": job.job_id, "plan_id": plan_id})
    killing(None)
    done = batch_wiring.jobs().find(job.job_id)
    assert (done.status, done.progress.rows) == ("completed", ROWS + 1)
    assert analytics_wiring.aggregates().totals()["batch"]["transactions"] - before == ROWS
    assert len(batch.scored(done)) == ROWS
