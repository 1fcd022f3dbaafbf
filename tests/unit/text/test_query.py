"""The parameters behind the question mark."""

from datetime import date
from typing import Annotated, Literal

import pytest
from pydantic import Field

from fraudshield.errors import Malformed
from fraudshield.text.query import Day, Flag, Query, Whole, read_query


class Things(Query):
    """An example."""

    hours: Annotated[Whole, Field(ge=1, le=24)] = 12
    kind: Literal["red", "blue"] | None = None


def test_what_is_not_asked_for_has_its_default() -> None:
    assert read_query([], Things) == Things(hours=12, kind=None)
    assert read_query([("kind", "red"), ("hours", "24")], Things) == Things(hours=24, kind="red")


@pytest.mark.parametrize(
    "hours",
    [
        "0",
        "-1",
        "25",
        "1e9",
        "1e999",
        "1.5",
        "10e-2",
        "01.0",
        "1.",
        "1e",
        "abc",
        "",
        " 1",
        "+1",
        "1_0",
        "\u0661",
        "9" * 5000,
        "NaN",
        "\x00",
    ],
)
def test_a_number_that_cannot_be_is_named_with_what_was_found(hours: str) -> None:
    with pytest.raises(Malformed) as caught:
        read_query([("hours", hours)], Things)
    assert (caught.value.code, caught.value.faults[0].pointer) == ("invalid_parameter", "?hours")
    assert "found" in str(caught.value)


@pytest.mark.parametrize("hours", ["2", "02", "2.0", "2e0", "0.2E+1", "20e-1"])
def test_a_whole_number_is_one_however_it_is_spelled(hours: str) -> None:
    assert read_query([("hours", hours)], Things).hours == 2


def test_a_value_that_is_none_of_a_list_is_told_the_list() -> None:
    with pytest.raises(Malformed, match="'red' or 'blue'"):
        read_query([("kind", "green")], Things)


class Dated(Query):
    """With a day and a choice of two."""

    day: Day | None = None
    flag: Flag | None = None


@pytest.mark.parametrize(
    "text", ["2026-02-29", "20261124", "2026-11-24T10:00:00Z", "2026-11-2\u0661", "0000-01-01", ""]
)
def test_a_day_that_is_not_in_the_calendar_is_named(text: str) -> None:
    with pytest.raises(Malformed, match="a day of the calendar") as caught:
        read_query([("day", text)], Dated)
    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [("?day", "day")]


@pytest.mark.parametrize("text", ["1", "True", "yes", "", " true"])
def test_a_flag_is_one_of_two_words(text: str) -> None:
    with pytest.raises(Malformed, match="true or false"):
        read_query([("flag", text)], Dated)


def test_days_and_flags_are_read() -> None:
    assert read_query([("day", "2024-02-29"), ("flag", "false")], Dated) == Dated(day=date(2024, 2, 29), flag=False)


def test_an_unknown_parameter_is_told_the_known_ones() -> None:
    with pytest.raises(Malformed, match=r"\?hour: There is no such parameter here; there are: hours, kind"):
        read_query([("hour", "1")], Things)


def test_a_parameter_that_stands_twice_is_refused() -> None:
    with pytest.raises(Malformed, match=r"\?hours: The parameter stands twice"):
        read_query([("hours", "1"), ("hours", "1")], Things)
