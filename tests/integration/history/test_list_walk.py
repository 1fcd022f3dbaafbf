"""A list that is read while others write to it: what was there before comes once, whatever comes between."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event, Thread

import pytest

from fraudshield.history.dynamo_list import DynamoTransactionList
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.dynamo import undecided_item
from tests.fakes import FakeAggregates
from tests.lists import ids, made, pages, put, query, the_list, wanted
from tests.stack import Stack


class NaiveList:
    """Goes on behind so many rows: what is written meanwhile moves them."""

    def __init__(self, of: DynamoTransactionList) -> None:
        self.of = of

    def walk(self, limit: int, between: Callable[[], None], **asked: str) -> list[str]:
        found: list[str] = []
        while len(found) == len(set(found)):  # one that comes again is enough
            rows = self.of.page(query(**asked, limit=str(limit), offset=str(len(found)))).rows
            if not rows:
                break
            found += [row.transaction_id for row in rows]
            between()
        return found


class SinceList(NaiveList):
    """Goes on strictly before the last moment that it showed: what else happened at that moment is lost."""

    def walk(self, limit: int, between: Callable[[], None], **asked: str) -> list[str]:
        everything = list(self.of.page(query(limit="1000", **asked)).rows)
        found: list[str] = []
        while everything:
            shown = everything[:limit]
            found += [row.transaction_id for row in shown]
            everything = [row for row in everything if row.occurred_at < shown[-1].occurred_at]
        return found


class SoundList(NaiveList):
    """Goes on where the cursor says."""

    def walk(self, limit: int, between: Callable[[], None], **asked: str) -> list[str]:
        found: list[str] = []
        for page in pages(self.of, limit=str(limit), **asked):
            found += [row.transaction_id for row in page.rows]
            between()
        return found


WALKS = [{}, {"account": "C1"}, {"type": "TRANSFER"}]


def lost_or_repeated(walk: NaiveList, stack: Stack, asked: dict[str, str]) -> tuple[set[str], int]:
    """What of the old rows is missing from a walk during which others are written, and how many came again."""
    old = [made(number) for number in range(24)]
    put(stack, *old)
    there = set(ids(pages(the_list(stack), **asked)))
    chance = random.Random(7)

    def write() -> None:
        for _ in range(2):
            number = chance.randrange(24)
            put(stack, made(number, transaction_id=f"new-{chance.getrandbits(64):016x}"))

    found = walk.walk(4, write, **asked)
    return there - set(found), len(found) - len(set(found))


@pytest.mark.parametrize("asked", WALKS)
def test_a_walk_loses_and_repeats_nothing_while_others_are_written(stack: Stack, asked: dict[str, str]) -> None:
    assert lost_or_repeated(SoundList(the_list(stack)), stack, asked) == (set(), 0)


@pytest.mark.parametrize("naive", [NaiveList, SinceList])
def test_the_check_sees_a_naive_list(stack: Stack, naive: type[NaiveList]) -> None:
    lost, repeated = lost_or_repeated(naive(the_list(stack)), stack, {})
    assert lost or repeated


def test_a_walk_beside_a_writer_on_the_engine_is_complete(engine_stack: Stack) -> None:
    old = [made(number) for number in range(60)]
    put(engine_stack, *old)
    enough = Event()

    def write() -> None:
        number = 0
        while not enough.is_set():
            put(engine_stack, made(number % 60, transaction_id=f"new-{number}"))
            number += 1

    writer = Thread(target=write)
    writer.start()
    try:
        walks = [ids(pages(the_list(engine_stack), limit=limit)) for limit in ("2", "11", "1000")]
    finally:
        enough.set()
        writer.join()
    for found in walks:
        assert len(found) == len(set(found))
        assert wanted(old) <= set(found)


def test_today_is_listed_before_it_is_counted(stack: Stack, transaction: Callable[..., BuiltInTransaction]) -> None:
    now = datetime.now(UTC)
    put(stack, undecided_item(transaction(), now, now))
    [row] = the_list(stack, aggregates=FakeAggregates()).page(query()).rows
    assert (row.transaction_id, row.outcome, row.risk, row.source) == ("test_123", None, None, "store")
