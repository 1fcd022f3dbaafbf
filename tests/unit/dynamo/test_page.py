"""Reads and writes that take several calls."""

from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from fraudshield.dynamo.page import batches, items, pages, through
from fraudshield.errors import StoreUnavailable

T = TypeVar("T")
ROWS = [{"at": {"S": str(number)}} for number in range(5)]


class Table:
    """Five rows, two a page; records its requests."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def query(self, **asked: Any) -> Any:
        self.asked.append(asked)
        start = int(asked["ExclusiveStartKey"]["at"]["S"]) + 1 if "ExclusiveStartKey" in asked else 0
        page = ROWS[start : start + 2]
        return {"Items": page} | ({"LastEvaluatedKey": page[-1]} if start + 2 < len(ROWS) else {})


class Down:
    """Calls of a store that is away."""

    def one(self, call: Callable[[], T]) -> T:
        raise StoreUnavailable("away")


def test_all_pages_are_read_in_order() -> None:
    table = Table()
    assert list(items(table.query, {"TableName": "t"})) == ROWS
    assert [list(page) for page in pages(table.query, {"TableName": "t"})] == [ROWS[:2], ROWS[2:4], ROWS[4:]]
    assert all(asked["TableName"] == "t" for asked in table.asked)


def test_a_page_is_read_when_it_is_needed() -> None:
    table = Table()
    found = items(table.query, {})
    assert [next(found), next(found)] == ROWS[:2]
    assert len(table.asked) == 1


def test_an_empty_page_is_not_the_end() -> None:
    responses = iter([{"Items": [], "LastEvaluatedKey": {"at": {"S": "x"}}}, {"Items": ROWS}])
    assert list(items(lambda **_: next(responses), {})) == ROWS


def test_what_was_asked_for_stays_as_it_was() -> None:
    asked = {"TableName": "t"}
    list(items(Table().query, asked))
    assert asked == {"TableName": "t"}


def test_what_a_batch_left_undone_is_asked_for_again() -> None:
    asked: list[Any] = []
    responses = iter([{"UnprocessedKeys": {"t": 2}}, {"UnprocessedKeys": {}}])

    def call(**batch: Any) -> Any:
        asked.append(batch["RequestItems"])
        return next(responses)

    assert len(list(batches(call, {"t": 1}, "UnprocessedKeys"))) == 2
    assert asked == [{"t": 1}, {"t": 2}]


def test_a_batch_of_nothing_is_not_asked_for() -> None:
    assert list(batches(Table().query, {}, "UnprocessedItems")) == []


def test_each_page_is_a_call_of_its_own() -> None:
    with pytest.raises(StoreUnavailable):
        list(items(through(Down(), Table().query), {}))
