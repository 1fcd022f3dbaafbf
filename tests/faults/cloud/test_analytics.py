"""90 days of transactions, their stream delivered twice and by turns, its consumer killed: every figure still exact.

The figures are those of the analytics calls, held to an independent reader of the stored items. Full size is 100,000
transactions and 25 kills, with records as the stream would have them; a fiftieth of it runs with the other tests, and
once more, among the long ones, through the table and its stream.
"""

import asyncio
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from fraudshield.policy.policy import FIRST_THRESHOLDS
from infra.laptop.awslambda.function import environment
from tests.caller import asked, frame_event
from tests.faults.conftest import Tell
from tests.faults.harness.client import clock
from tests.faults.harness.current import dealt_with
from tests.faults.harness.mailbag import depth, empty
from tests.faults.harness.reckoning import items as stored_items
from tests.faults.harness.works import Works, impatient, works
from tests.oracle.oracle import Oracle, differences, facts
from tests.stream_history import Item, Record, change, items, states

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
SHARDS, AGAIN = 4, 0.4


@dataclass(frozen=True, slots=True)
class Size:
    """How many transactions and kills, of how many of the invocations, in what batches; how long all may take."""

    transactions: int
    deaths: int
    share: float
    batch: int
    within_s: float


FULL = Size(100_000, 25, 0.2, 1000, 3600)
FIFTIETH = Size(2_000, 2, 1.0, 200, 600)


@dataclass(slots=True)
class Outcome:
    """What a run came to."""

    wrong: list[str] = field(default_factory=list)
    deaths: int = 0
    counted_s: float = 0.0
    planted: list[str] = field(default_factory=list)  # what is wrong when a naive consumer gets a batch once more


async def run(home: Path, engine: Path, size: Size, seed: str) -> Outcome:
    """All written, all that was to die dead, everything at rest; then every call is asked."""
    handlers = {CONSUMER: SHUFFLED, RETRY: None, ANALYTICS: None}
    async with works(home, engine, handlers, impatient(2, {STREAM: size.batch}), seed) as there:
        there.killer.hunt(CONSUMER, size.deaths, size.share)
        began = clock()
        await asyncio.to_thread(write, there, size, seed)
        await dealt_with(there, TABLE, STREAM, size.within_s)
        await empty(there, (ASIDE,), size.within_s)
        took_s = clock() - began
        wrong = [f"{queue} is not empty" for queue in (ASIDE, UNCOUNTED) if depth(there, queue)]
        stored = await asyncio.to_thread(stored_items, there, TABLE)
        return Outcome(wrong + await looked_at(there, stored), there.killer.deaths[CONSUMER], took_s)


async def told(home: Path, engine: Path, size: Size, seed: str) -> Outcome:
    """The same without the table: records in the order of time, by shard, told until the consumer has taken them."""
    handlers = {CONSUMER: None, ANALYTICS: None, RETRY: NAIVE}
    async with works(home, engine, handlers, impatient(2, {}), seed) as there:
        records, stored = await asyncio.to_thread(in_time, items(size.transactions, seed), seed)
        there.killer.hunt(CONSUMER, size.deaths, size.share)
        began = clock()
        shards = by_shard(records)
        await asyncio.gather(*(tell_all(there, shard, some, size.batch) for shard, some in shards.items()))
        took_s = clock() - began
        wrong = await looked_at(there, stored)
        again = json.dumps({"Records": records[-10:]}).encode()
        assert (await there.killer.invoke(RETRY, again)).error is None
        return Outcome(wrong, there.killer.deaths[CONSUMER], took_s, await looked_at(there, stored))


def in_time(stored: Sequence[Item], seed: str) -> tuple[list[Record], list[Item]]:
    """Transactions when they happened and labels when they came; the items as they are at the end."""
    chance, placed, end = random.Random(seed), list[tuple[str, Record]](), list[Item]()
    for item in stored:
        each, latest = states(item, chance), ""
        for old, new in zip([None, *each], each, strict=False):
            latest = max(latest, new["labelled_at" if "labelled_at" in new else "occurred_at"]["S"])
            placed.append((latest, change(old, new)))
        end.append(each[-1])
    placed.sort(key=lambda one: one[0])
    return [record for _, record in placed], end


def by_shard(records: Sequence[Record]) -> dict[str, list[Record]]:
    """Those of one transaction in one shard, numbered."""
    shards: dict[str, list[Record]] = {f"shardId-{at:06d}": [] for at in range(SHARDS)}
    for one in records:
        name = one["dynamodb"]["NewImage"]["transaction_id"]["S"]
        shard = shards[f"shardId-{crc32(name.encode()) % SHARDS:06d}"]
        shard.append(one | {"dynamodb": one["dynamodb"] | {"SequenceNumber": f"{len(shard) + 1:021d}"}})
    return shards


async def tell_all(there: Works, shard: str, records: Sequence[Record], batch: int) -> None:
    """Each batch until it is taken, then a part of it once more: a fifth of the records twice, and all that died."""
    chance = random.Random(shard)
    for at in range(0, len(records), batch):
        some = records[at : at + batch]
        for part in (some, *([some[chance.randrange(len(some)) :]] if chance.random() < AGAIN else [])):
            event = json.dumps({"shardId": shard, "Records": part}).encode()
            while (await there.killer.invoke(CONSUMER, event)).error is not None:
                await asyncio.sleep(POLL_S)


async def looked_at(there: Works, stored: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the calls say that the stored items do not."""
    first = FIRST_THRESHOLDS
    oracle = Oracle(facts(stored), date.min, float(first.review), float(first.block))
    return [one for call in CALLS for days in (30, 90) for one in await differing(there, oracle, call, days)]


def write(there: Works, size: Size, seed: str) -> None:
    """Each transaction in its first state, and in those that labels bring it to, in no order but its own."""
    chance = random.Random(seed)
    each = [states(item, chance) for item in items(size.transactions, seed)]
    writes = [one for some in each for one in zip(sorted(chance.random() for _ in some), some, strict=True)]
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


async def differing(there: Works, oracle: Oracle, call: str, days: int) -> list[str]:
    said = await answer(there, f"{PREFIX}/{call}", f"days={days}")
    today = date.fromisoformat(said.get("until") or said["fraud_trends"]["until"])
    del said["generated_at"], said["as_of"]
    assert said.pop("category") is None  # nothing was filtered
    assert said.pop("field_drift", None) is None
    at_day = Oracle(oracle.facts, today, oracle.review, oracle.block)
    expected = await asyncio.to_thread(getattr(at_day, call.replace("-", "_")), days)
    listed = call == "transaction-patterns"
    wrong = list(at_day.destinations(said.pop("top_destinations"), days)) if listed else []
    return [f"{call} over {days} days{one}" for one in [*wrong, *islice(differences(said, expected), 20)]]


async def answer(there: Works, path: str, query: str) -> Any:
    """What the function says, asked again while it is busy."""
    key_id = environment(there.resolver, ANALYTICS)["ANALYST_KEY_IDS"]
    event = json.dumps(frame_event("GET", path, None, key_id) | asked(query)).encode()
    give_up_at, told = clock() + 60, await invoked(there, event)
    while told["statusCode"] == BUSY and clock() < give_up_at:
        await asyncio.sleep(POLL_S)
        told = await invoked(there, event)
    assert told["statusCode"] == 200, told
    return json.loads(told["body"])


async def invoked(there: Works, event: bytes) -> Any:
    return json.loads((await there.killer.invoke(ANALYTICS, event)).body)


def held(done: Outcome, size: Size, tell: Tell) -> None:
    assert done.wrong == []
    assert done.deaths >= size.deaths
    tell(
        f"{size.transactions} transactions over 90 days, a fifth delivered twice, {done.deaths} kills: counted in "
        f"{done.counted_s:.0f} s, every figure of {len(CALLS)} calls exact"
    )


def seen(done: Outcome) -> None:
    """The check sees a consumer that adds what it gets."""
    assert any("fraud-trends over 90 days/total/" in one for one in done.planted)
    assert any("model-performance over 90 days/" in one for one in done.planted)


def test_a_fiftieth_is_counted_to_the_cent(tmp_path: Path, sqlite_engine: Path, tell: Tell) -> None:
    done = asyncio.run(told(tmp_path, sqlite_engine, FIFTIETH, "quarter"))
    held(done, FIFTIETH, tell)
    seen(done)


@pytest.mark.long
def test_a_hundred_thousand_are_counted_to_the_cent(tmp_path: Path, sqlite_engine: Path, tell: Tell) -> None:
    done = asyncio.run(told(tmp_path, sqlite_engine, FULL, "quarter"))
    held(done, FULL, tell)
    seen(done)


@pytest.mark.long
def test_through_the_table_and_its_stream_it_is_the_same(tmp_path: Path, sqlite_engine: Path, tell: Tell) -> None:
    held(asyncio.run(run(tmp_path, sqlite_engine, FIFTIETH, "quarter")), FIFTIETH, tell)
