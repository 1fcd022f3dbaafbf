"""A quarter of a year stored, its stream delivered twice and by turns, its consumer killed: every figure still exact.

The figures are those of the analytics calls, held to an independent reader of the stored items. Full size is 100,000
transactions and 25 kills; a fiftieth of it runs with the other tests.
"""

import asyncio
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

import pytest

from infra.local import deploy
from tests.caller import asked, frame_event
from tests.faults.cloud.conftest import Tell
from tests.faults.harness.client import clock
from tests.faults.harness.current import dealt_with
from tests.faults.harness.load import load_once
from tests.faults.harness.mailbag import depth, empty
from tests.faults.harness.reckoning import items as stored_items
from tests.faults.harness.works import Works, impatient, works
from tests.quarter import Item, items, states
from tests.recount import Recount, differences, facts

CONSUMER, RETRY, ANALYTICS = "AnalyticsStreamFunction", "AnalyticsRetryFunction", "AnalyticsFunction"
STREAM = "AnalyticsStreamFunctionStored"
ASIDE, UNCOUNTED = "AggregatesRetryQueue", "AggregatesDeadLetters"
SHUFFLED = "tests.faults.harness.handlers.shuffled.consumer"
NAIVE = "tests.faults.harness.handlers.naive.consumer"
TABLE = "TransactionsTable"
PREFIX = "/api/v1/analytics"
CALLS = ("fraud-trends", "transaction-patterns", "risk-distribution", "model-performance", "dashboard-summary")
BUSY = 503  # what may be asked again, and is, for a minute
POLL_S = 0.25


@dataclass(frozen=True, slots=True)
class Size:
    """How many transactions and kills, of how many of the invocations, in what batches; how long all may take.

    `places` says when each state of a transaction is written.
    """

    transactions: int
    deaths: int
    share: float
    batch: int
    within_s: float
    places: "Places"


Places = Callable[[Sequence[Item], random.Random], Sequence[float]]


def anywhere(states: Sequence[Item], chance: random.Random) -> Sequence[float]:
    """In no order of time but their own, as what was queued for long: the dearest to count."""
    return sorted(chance.random() for _ in states)


def in_time(states: Sequence[Item], _: random.Random) -> Sequence[float]:
    """When it happened, and labels when they came."""
    times = [item["labelled_at" if "labelled_at" in item else "occurred_at"]["S"] for item in states]
    return list(accumulate((datetime.fromisoformat(time).timestamp() for time in times), max))


FULL = Size(100_000, 25, 0.3, 1000, 3600, in_time)
FIFTIETH = Size(2_000, 2, 1.0, 200, 600, anywhere)
FEW = Size(40, 1, 1.0, 20, 600, anywhere)


@dataclass(slots=True)
class Outcome:
    """What a run came to."""

    wrong: list[str] = field(default_factory=list)
    deaths: int = 0
    counted_s: float = 0.0


async def run(home: Path, engine: Path, size: Size, seed: str, consumer: str) -> Outcome:
    """All written, all that was to die dead, everything at rest; then every call is asked."""
    handlers = {CONSUMER: consumer, RETRY: None, ANALYTICS: None}
    async with works(home, engine, handlers, impatient(2, {STREAM: size.batch}), seed) as there:
        there.killer.hunt(CONSUMER, size.deaths, size.share)
        began = clock()
        await asyncio.to_thread(write, there, size, seed)
        await dealt_with(there, TABLE, STREAM, size.within_s)
        await empty(there, (ASIDE,), size.within_s)
        took_s = clock() - began
        wrong = [f"{queue} is not empty" for queue in (ASIDE, UNCOUNTED) if depth(there, queue)]
        recount = await asyncio.to_thread(of_stored, there)
        for call in CALLS:
            for days in (30, 90):
                wrong += await differing(there, recount, call, days)
        return Outcome(wrong, there.killer.deaths[CONSUMER], took_s)


def write(there: Works, size: Size, seed: str) -> None:
    """Each transaction in its first state, and in those that labels bring it to, among the others'."""
    chance = random.Random(seed)
    each = [states(item, chance) for item in items(size.transactions, seed)]
    writes = [one for some in each for one in zip(size.places(some, chance), some, strict=True)]
    writes.sort(key=lambda one: one[0])
    dynamodb = there.client("dynamodb")
    for some in batches(item for _, item in writes):
        puts: list[Any] = [{"PutRequest": {"Item": item}} for item in some]
        asked_for: Any = {there.at(TABLE): puts}
        while asked_for:
            asked_for = dynamodb.batch_write_item(RequestItems=asked_for)["UnprocessedItems"]


def batches(found: Iterator[Item]) -> Iterator[list[Item]]:
    """As many as go into one call, none of them twice in it."""
    some: dict[str, Item] = {}
    for item in found:
        name = item["transaction_id"]["S"]
        if len(some) == 25 or name in some:
            yield [*some.values()]
            some = {}
        some[name] = item
    if some:
        yield [*some.values()]


def of_stored(there: Works) -> Recount:
    thresholds = load_once().thresholds
    return Recount(facts(stored_items(there, TABLE)), date.min, thresholds.review, thresholds.block)


async def differing(there: Works, recount: Recount, call: str, days: int) -> list[str]:
    told = await answer(there, f"{PREFIX}/{call}", f"days={days}")
    today = date.fromisoformat(told.get("until") or told["fraud_trends"]["until"])
    del told["generated_at"], told["as_of"]
    at_day = Recount(recount.facts, today, recount.review, recount.block)
    expected = await asyncio.to_thread(getattr(at_day, call.replace("-", "_")), days)
    return [f"{call} over {days} days{one}" for one in islice(differences(told, expected), 20)]


async def answer(there: Works, path: str, query: str) -> Any:
    """What the function says, asked again while it is busy."""
    key_id = deploy.environment(there.resolver, ANALYTICS)["ANALYST_KEY_ID"]
    event = json.dumps(frame_event("GET", path, None, key_id) | asked(query)).encode()
    give_up_at, told = clock() + 60, await invoked(there, event)
    while told["statusCode"] == BUSY and clock() < give_up_at:
        await asyncio.sleep(POLL_S)
        told = await invoked(there, event)
    assert told["statusCode"] == 200, told
    return json.loads(told["body"])


async def invoked(there: Works, event: bytes) -> Any:
    return json.loads((await there.killer.invoke(ANALYTICS, event)).body)


def held(home: Path, engine: Path, size: Size, tell: Tell) -> None:
    done = asyncio.run(run(home, engine, size, "quarter", SHUFFLED))
    assert done.wrong == []
    assert done.deaths >= size.deaths
    tell(
        f"{size.transactions} transactions over 90 days, a fifth delivered twice, {done.deaths} kills: counted in "
        f"{done.counted_s:.0f} s, every figure of {len(CALLS)} calls exact"
    )


def test_a_fiftieth_is_counted_to_the_cent(tmp_path: Path, sqlite_engine: Path, tell: Tell) -> None:
    held(tmp_path, sqlite_engine, FIFTIETH, tell)


@pytest.mark.long
def test_a_hundred_thousand_are_counted_to_the_cent(tmp_path: Path, sqlite_engine: Path, tell: Tell) -> None:
    held(tmp_path, sqlite_engine, FULL, tell)


def test_the_check_sees_a_consumer_that_adds_what_it_gets(tmp_path: Path, sqlite_engine: Path) -> None:
    done = asyncio.run(run(tmp_path, sqlite_engine, FEW, "naive", NAIVE))
    assert any("fraud-trends over 90 days/total/transactions" in one for one in done.wrong)
