"""Log entries of several levels as one list."""

from datetime import UTC, datetime, timedelta

import pytest

from fraudshield.errors import Malformed
from fraudshield.monitoring.log import LogEntry
from fraudshield.monitoring.log_list import Found, LogsQuery, Position, joined, position, start
from fraudshield.text.query import read_query
from tests.log_event import AT


def entries(*seconds: int) -> dict[str, LogEntry]:
    made = [LogEntry(f"{second:02d}", AT + timedelta(seconds=second), "ERROR", "model", "m") for second in seconds]
    return {entry.sort_key: entry for entry in made}


def sort_key(second: int) -> str:
    return next(iter(entries(second)))


def page(*levels: Found, limit: int) -> tuple[list[int], str | None]:
    shown, before = joined(levels, limit)
    return [int(entry.key) for entry in shown.values()], before


def test_the_newest_of_all_levels_come_first() -> None:
    assert page(Found(entries(9, 5), ""), Found(entries(7), ""), limit=3) == ([9, 7, 5], None)


def test_a_page_ends_at_its_limit_and_says_where_the_next_begins() -> None:
    assert page(Found(entries(9, 5), ""), Found(entries(7), ""), limit=2) == ([9, 7], sort_key(7))


def test_what_may_have_a_missing_one_before_it_waits_for_the_next_page() -> None:
    assert page(Found(entries(9, 8), sort_key(8)), Found(entries(7), ""), limit=3) == ([9, 8], sort_key(8))
    assert page(Found({}, sort_key(8)), Found(entries(7), ""), limit=3) == ([], sort_key(8))


def test_an_empty_list_is_the_last_page() -> None:
    assert page(Found({}, ""), Found({}, ""), limit=3) == ([], None)


@pytest.mark.parametrize(
    ("level", "levels"),
    [
        ("DEBUG", ("WARNING", "ERROR", "CRITICAL")),
        ("WARNING", ("WARNING", "ERROR", "CRITICAL")),
        ("ERROR", ("ERROR", "CRITICAL")),
        ("CRITICAL", ("CRITICAL",)),
    ],
)
def test_a_level_stands_for_those_above_it(level: str, levels: tuple[str, ...]) -> None:
    assert read_query([("level", level)], LogsQuery).levels == levels


@pytest.mark.parametrize(
    "pair",
    [
        ("level", "error"),
        ("level", ""),
        ("service", ""),
        ("service", "Model"),
        ("service", "m" * 33),
        ("service", "model\n"),
        ("since", "yesterday"),
        ("since", "2026-11-24"),
        ("since", "0001-01-01T00:00:00+23:59"),
        ("limit", "0"),
        ("limit", "1001"),
        ("until", "2026-11-24T10:00:00Z"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(pair: tuple[str, str]) -> None:
    with pytest.raises(Malformed):
        read_query([pair], LogsQuery)


def test_a_list_goes_back_a_day_unless_it_is_told_how_far() -> None:
    assert start(read_query([], LogsQuery), AT).since == "2026-11-23T10:00:00.000000Z"
    asked = read_query([("since", "2026-11-01T02:00:00+02:00")], LogsQuery)
    assert start(asked, AT).since == "2026-11-01T00:00:00.000000Z"
    assert start(asked, AT).before > sort_key(0)
    assert start(asked, datetime(1970, 1, 1, tzinfo=UTC)).since == "2026-11-01T00:00:00.000000Z"


@pytest.mark.parametrize("content", [None, [], ["a"], ["a", 1], ["a", "b", "c"], {"a": "b"}, "ab"])
def test_a_cursor_of_another_shape_is_refused(content: object) -> None:
    assert position(["a", "b"]) == Position("a", "b")
    with pytest.raises(Malformed) as caught:
        position(content)
    assert caught.value.code == "invalid_cursor"
