"""Deliveries twice and out of order, processes killed in the middle: every transaction stored, scored and counted once.

What the queue delivers goes through the ingest worker into the table, and from its stream into the counts. Full size
is 10,000 transactions and 100 kills; a fiftieth of it runs with the other tests.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest

from tests.faults.conftest import Tell
from tests.faults.harness.client import clock
from tests.faults.harness.current import changes, dealt_with
from tests.faults.harness.load import transactions
from tests.faults.harness.mailbag import deliveries, depth, empty, send, taken_out
from tests.faults.harness.reckoning import decided_again, items, lost, miscounted
from tests.faults.harness.works import Works, impatient, works

WORKER, CONSUMER, RETRY = "IngestWorkerFunction", "AnalyticsStreamFunction", "AnalyticsRetryFunction"
INGEST, DEAD = "IngestQueue", "IngestDeadLetters"
ASIDE, UNCOUNTED = "AggregatesRetryQueue", "AggregatesDeadLetters"
OTHERS = ("UnpersistedQueue", "UnpersistedDeadLetters", ASIDE, UNCOUNTED)
FAULTY = "tests.faults.harness.handlers.faulty"
NAIVE = "tests.faults.harness.handlers.naive"
POISON = ("no JSON", json.dumps({"transaction": {"transaction_id": "poison"}}))
AGAIN = 0.2


@dataclass(frozen=True, slots=True)
class Hunt:
    """So many invocations are to be cut off; of those that begin a share is aimed at until then."""

    deaths: int
    share: float


@dataclass(frozen=True, slots=True)
class Size:
    """Of a run: how many transactions and kills, when a message comes again, how long all of it may take."""

    transactions: int
    worker: Hunt
    consumer: Hunt
    visible_s: int
    within_s: float
    batches: Mapping[str, int]


STREAM = "AnalyticsStreamFunctionStored"
QUEUE = "IngestWorkerFunctionQueue"
# The worker's kills are spread over the run: at 7 % a message hardly dies five times and becomes a dead letter.
FULL = Size(10_000, Hunt(70, 0.1), Hunt(30, 0.5), 10, 3600, {QUEUE: 10, STREAM: 50})
FIFTIETH = Size(200, Hunt(2, 1.0), Hunt(2, 1.0), 2, 600, {QUEUE: 10, STREAM: 20})
FEW = Size(60, Hunt(2, 1.0), Hunt(2, 1.0), 2, 600, {QUEUE: 10, STREAM: 20})


@dataclass(slots=True)
class Outcome:
    """What a run came to."""

    complaints: list[str] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    deaths: Mapping[str, int] = field(default_factory=dict)
    took_s: float = 0.0


def bodies(number: int, seed: str) -> dict[str, str]:
    """Messages as `POST /ingest` queues them, by transaction id."""
    received_at = datetime.now(UTC).isoformat()
    return {
        sent["transaction_id"]: json.dumps({"transaction": sent, "received_at": received_at, "request_id": "fault-run"})
        for sent in islice(transactions(seed), number)
    }


async def run(home: Path, engine: Path, size: Size, seed: str, **handlers: str) -> Outcome:
    """All delivered, all that were to die dead, everything at rest; then look."""
    began, sent = clock(), bodies(size.transactions, seed)
    chosen = {WORKER: handlers.get("worker"), CONSUMER: handlers.get("consumer"), RETRY: None}
    change = impatient(size.visible_s, size.batches)
    async with works(home, engine, chosen, change, seed) as there:
        there.killer.hunt(WORKER, size.worker.deaths, size.worker.share)
        there.killer.hunt(CONSUMER, size.consumer.deaths, size.consumer.share)
        await asyncio.to_thread(send, there, INGEST, [*deliveries([*sent.values()], AGAIN, seed), *POISON])
        await at_rest(there, size.within_s)
        return await asyncio.to_thread(outcome, there, sent, clock() - began)


async def at_rest(there: Works, within_s: float) -> None:
    """Nothing queued, nothing in the stream that was not dealt with, nothing set aside from it."""
    await empty(there, (INGEST,), within_s)
    await dealt_with(there, "TransactionsTable", STREAM, within_s)
    await empty(there, (ASIDE,), within_s)


def outcome(there: Works, sent: Mapping[str, str], took_s: float) -> Outcome:
    stored = items(there, "TransactionsTable")
    complaints = lost(sent, stored)
    complaints += decided_again(changes(there, "TransactionsTable"))
    complaints += miscounted(stored, items(there, "AggregatesTable"))
    complaints += [f"{queue} holds {left} messages" for queue in OTHERS if (left := depth(there, queue))]
    return Outcome(
        complaints,
        sorted({*taken_out(there, DEAD)}),  # whoever dies in between gives one up twice
        dict(there.killer.deaths),
        took_s,
    )


def held(home: Path, engine: Path, size: Size, tell: Tell) -> None:
    done = asyncio.run(run(home, engine, size, "exactly-once"))
    assert done.complaints == []
    assert done.dead == sorted(POISON)
    assert done.deaths[WORKER] >= size.worker.deaths  # one that was aimed at already may die on top
    assert done.deaths[CONSUMER] >= size.consumer.deaths
    tell(
        f"{size.transactions} transactions, {sum(done.deaths.values())} kills, {done.took_s:.0f} s: "
        f"all stored, decided and counted once, {len(done.dead)} poison messages in the dead letters"
    )


def test_a_fiftieth_is_stored_decided_and_counted_once(tmp_path: Path, sqlite_engine: Path, tell: Tell) -> None:
    held(tmp_path, sqlite_engine, FIFTIETH, tell)


@pytest.mark.long
def test_ten_thousand_are_stored_decided_and_counted_once(tmp_path: Path, sqlite_engine: Path, tell: Tell) -> None:
    held(tmp_path, sqlite_engine, FULL, tell)


@pytest.mark.long
def test_the_check_sees_a_worker_and_a_consumer_that_do_not_mind_a_repeat(tmp_path: Path, sqlite_engine: Path) -> None:
    planted = {"worker": f"{NAIVE}.worker", "consumer": f"{NAIVE}.consumer"}
    done = asyncio.run(run(tmp_path, sqlite_engine, FEW, "naive", **planted))
    assert any(
        "was decided 2 times" in one for one in done.complaints
    )  # the worker's; a change of decision moves the counts
    assert any("total/queue transactions" in one for one in done.complaints)  # the consumer's


async def redriven(home: Path, engine: Path, size: Size) -> tuple[int, list[Outcome]]:
    """A release with a defect, then a sound one: what was refused is moved back, and moved back once more.

    The number is of the stream's batches among the dead letters.
    """
    sent = bodies(size.transactions, "redriven")
    chosen = {WORKER: f"{FAULTY}.worker", CONSUMER: f"{FAULTY}.consumer", RETRY: f"{FAULTY}.retry"}
    flag = home / "faulty"
    flag.touch()
    change = impatient(5, size.batches, receives=2, retries=1)  # a worker that starts on a loaded machine is in time
    async with works(home, engine, chosen, change, "redriven") as there:

        async def look(moved: Callable[[], object]) -> Outcome:
            began = clock()
            await asyncio.to_thread(moved)
            await at_rest(there, size.within_s)
            return await asyncio.to_thread(outcome, there, sent, clock() - began)

        faulty = await look(lambda: send(there, INGEST, [*sent.values()]))
        flag.unlink()
        uncounted = await asyncio.to_thread(taken_out, there, UNCOUNTED)
        await asyncio.to_thread(send, there, INGEST, faulty.dead)
        mended = await look(lambda: send(there, ASIDE, deliveries(uncounted, AGAIN, "aside")))
        again = await look(lambda: send(there, ASIDE, uncounted))
    return len(uncounted), [faulty, mended, again]


def test_a_redrive_after_a_fix_loses_nothing_and_changes_nothing_twice(
    tmp_path: Path, sqlite_engine: Path, tell: Tell
) -> None:
    uncounted, (faulty, mended, again) = asyncio.run(redriven(tmp_path, sqlite_engine, FEW))
    assert min(uncounted, len(faulty.dead)) > 0
    assert faulty.complaints != []
    assert (mended.complaints, mended.dead, again.complaints) == ([], [], [])
    tell(f"{len(faulty.dead)} messages and {uncounted} batches of the stream moved back")
    asyncio.run(read_again(tmp_path, sqlite_engine))


async def read_again(home: Path, engine: Path) -> None:
    """The stream from its beginning once more, as after a lost position: the counts stay."""
    (home / "streams.json").unlink()
    async with works(home, engine, {CONSUMER: None}, impatient(2, FEW.batches), "again") as there:
        stored, before = items(there, "TransactionsTable"), items(there, "AggregatesTable")
        await at_rest(there, FEW.within_s)
        assert there.killer.invocations[CONSUMER]
        assert miscounted(stored, items(there, "AggregatesTable")) == miscounted(stored, before) == []
