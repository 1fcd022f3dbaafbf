"""A range of the stream that was given up is read back whole, or it is said what is missing."""

import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from fraudshield.dynamo.stream import RangeRecords, ShardRange, ShardRecords, read, records_of, tell_lost
from fraudshield.errors import StoreUnavailable
from fraudshield.telemetry import flush_metrics
from tests.aws_failure import refused

RANGE = ShardRange("arn", "shard", "1", "3", size=3)
LATER = math.inf


def record(number: int) -> dict[str, Any]:
    return {"eventName": "INSERT", "dynamodb": {"SequenceNumber": str(number)}}


@dataclass(frozen=True)
class FakeShard:
    """A shard whose pages are these; records before `oldest` have expired, with the shard's end all of them."""

    pages: Sequence[Sequence[int]]
    oldest: int = 1
    gone: bool = False
    ends: bool = False

    def get_shard_iterator(self, **asked: str) -> Mapping[str, str]:
        """As DynamoDB answers."""
        if self.gone:
            raise refused("ResourceNotFoundException")
        if int(asked.get("SequenceNumber", self.oldest)) < self.oldest:
            raise refused("TrimmedDataAccessException")
        return {"ShardIterator": "0"}

    def get_records(self, ShardIterator: str) -> Mapping[str, Any]:
        """The page, and where the next is: an open shard always has one."""
        at = int(ShardIterator)
        there = self.pages[at] if at < len(self.pages) else ()
        found = [record(number) for number in there if number >= self.oldest]
        more = not self.ends or at + 1 < len(self.pages)
        return {"Records": found, **({"NextShardIterator": str(at + 1)} if more else {})}


def numbers(found: RangeRecords) -> list[int]:
    return [int(one["dynamodb"]["SequenceNumber"]) for one in found.records]


@pytest.mark.parametrize(
    "pages",
    [[[1, 2, 3]], [[1], [], [2, 3], []], [[], [], [1, 2], [], [3]], [[1, 2], [], [3, 4, 5]]],
    ids=["one page", "an empty one between", "empty ones first", "more behind it"],
)
def test_a_range_is_read_to_its_last_record_whatever_pages_are_empty(pages: list[list[int]]) -> None:
    found = read(RANGE, LATER, FakeShard(pages))
    assert (numbers(found), found.lost) == ([1, 2, 3], 0)


def test_a_range_that_is_not_read_to_its_end_in_time_is_not_read() -> None:
    with pytest.raises(StoreUnavailable):
        read(RANGE, time.monotonic(), FakeShard([[1], [], []]))


def test_a_range_that_ends_before_its_last_record_is_not_read() -> None:
    with pytest.raises(StoreUnavailable):
        read(RANGE, LATER, FakeShard([[1, 2]], ends=True))


@pytest.mark.parametrize(
    ("shard", "left", "lost"),
    [
        (FakeShard([[1, 2, 3, 4]], oldest=3), [3], 2),
        (FakeShard([[1, 2, 3, 4]], oldest=4), [], 3),
        (FakeShard([[]], gone=True), [], 3),
    ],
    ids=["the first two", "all", "the shard itself"],
)
def test_records_that_have_expired_are_lost_and_the_others_are_read(
    shard: FakeShard, left: list[int], lost: int
) -> None:
    found = read(RANGE, LATER, shard)
    assert (numbers(found), found.lost) == (left, lost)


def test_a_record_in_the_dead_letter_itself_is_not_looked_for() -> None:
    assert records_of(ShardRecords("shard", [record(1)]), LATER) == RangeRecords([record(1)])


@pytest.mark.parametrize(("lost", "counted"), [(0, []), (2, [[2.0]])])
def test_lost_records_are_counted(lost: int, counted: list[list[float]], capsys: pytest.CaptureFixture[str]) -> None:
    tell_lost(RANGE, RangeRecords([], lost))
    flush_metrics()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["StreamRecordLost"] for one in lines if "_aws" in one] == counted
