"""Which label is in force, and what is no label."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from fraudshield.errors import InvalidInput, Malformed
from fraudshield.label.label import CLOCK_SKEW, TICK, Label, RecordedLabel, in_force, known_record, read_label, recorded
from fraudshield.label.response import label_response
from tests.fakes import NOW

DAY = timedelta(days=1)


def fraud(labelled_at: datetime = NOW, recorded_at: datetime = NOW) -> RecordedLabel:
    return RecordedLabel(Label("fraud", "analyst", labelled_at), recorded_at, "key")


def genuine(labelled_at: datetime = NOW, recorded_at: datetime = NOW) -> RecordedLabel:
    return RecordedLabel(Label("genuine", "chargeback", labelled_at), recorded_at, "key")


def undone(one: RecordedLabel) -> RecordedLabel:
    return replace(one, undone_at=NOW + DAY)


def test_without_labels_none_is_in_force() -> None:
    assert in_force([]) is None


def test_the_newest_found_out_is_in_force_whichever_came_first() -> None:
    early, late = fraud(NOW - TICK, recorded_at=NOW + DAY), genuine(NOW)
    assert in_force([early, late]) == in_force([late, early]) == late


def test_of_one_moment_the_one_that_arrived_last_is_in_force() -> None:
    first, second = fraud(recorded_at=NOW), genuine(recorded_at=NOW + TICK)
    assert in_force([first, second]) == in_force([second, first]) == second


def test_when_one_is_taken_back_the_one_before_comes_back() -> None:
    first, second, third = fraud(NOW), genuine(NOW + TICK), fraud(NOW + DAY)
    assert in_force([first, second, undone(third)]) == second
    assert in_force([first, undone(second), undone(third)]) == first
    assert in_force([undone(first), undone(second), undone(third)]) is None


def test_what_was_taken_back_can_be_said_again() -> None:
    one = fraud()
    assert known_record([one], one.label) == one
    assert known_record([undone(one)], one.label) is None
    assert known_record([one], genuine().label) is None


@pytest.mark.parametrize("clock", [timedelta(0), -DAY, DAY])
def test_a_record_is_later_than_all_others_whatever_the_clock_says(clock: timedelta) -> None:
    there = [fraud(recorded_at=NOW), genuine(recorded_at=NOW - DAY)]
    one = recorded(there, fraud().label, "key", NOW + clock)
    assert one.recorded_at > NOW
    assert one.recorded_at == max(NOW + clock, NOW + TICK)


def test_the_first_record_is_from_now() -> None:
    assert recorded([], fraud().label, "key", NOW).recorded_at == NOW


def test_a_label_is_an_analysts_and_from_now_unless_it_says_otherwise() -> None:
    assert read_label({"label": "fraud"}, NOW) == Label("fraud", "analyst", NOW)
    sent = {"label": "genuine", "source": "chargeback", "labelled_at": "2026-11-01T10:00:00+01:00"}
    assert read_label(sent, NOW).labelled_at.isoformat() == "2026-11-01T09:00:00+00:00"


@pytest.mark.parametrize("ahead", [timedelta(0), CLOCK_SKEW])
def test_a_clock_may_be_five_minutes_ahead(ahead: timedelta) -> None:
    assert read_label({"label": "fraud", "labelled_at": (NOW + ahead).isoformat()}, NOW)


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({}, "/label"),
        ({"label": "perhaps"}, "/label"),
        ({"label": 1}, "/label"),
        ({"label": None}, "/label"),
        ({"label": "fraud", "source": "rumour"}, "/source"),
        ({"label": "fraud", "labelled_at": 7}, "/labelled_at"),
        ({"label": "fraud", "labelled_at": "2026-11-24"}, "/labelled_at"),
        ({"label": "fraud", "labelled_at": "2026-02-30T10:00:00Z"}, "/labelled_at"),
        ({"label": "fraud", "labelled_at": (NOW + CLOCK_SKEW + TICK).isoformat()}, "/labelled_at"),
        ({"label": "fraud", "by": "me"}, "/by"),
    ],
)
def test_a_fault_is_named(sent: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_label(sent, NOW)
    assert [fault.pointer for fault in caught.value.faults] == [pointer]


@pytest.mark.parametrize("sent", [None, [], "fraud", 1])
def test_what_is_no_object_is_malformed(sent: object) -> None:
    with pytest.raises(Malformed):
        read_label(sent, NOW)


def test_a_response_shows_the_last_hundred_newest_first() -> None:
    many = [fraud(recorded_at=NOW + number * TICK) for number in range(101)]
    shown = label_response("t", many)["history"]
    assert len(shown) == 100
    assert shown[0]["recorded_at"] == "2026-11-24T10:00:00.000100Z"
