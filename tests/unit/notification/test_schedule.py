"""When a mail may go."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraudshield.notification.alert import Severity
from fraudshield.notification.schedule import HOUR, MOST_ALERTS, Waiting, allowed_at, due_at
from fraudshield.notification.subscriber import QuietHours
from tests.fake_outbox import START, alert

NIGHT = QuietHours(start="22:00", end="07:00", timezone="Europe/Rome")
ONE = Waiting((alert(),))
URGENT = Waiting((alert(), alert(2, Severity.CRITICAL)))
FULL = Waiting(tuple(alert(number) for number in range(MOST_ALERTS)))


def minutes(*ago: float) -> list[datetime]:
    return [START - timedelta(minutes=one) for one in ago]


def test_nothing_is_due_where_nothing_waits() -> None:
    assert due_at(Waiting(()), [], 12, None, START) is None


@pytest.mark.parametrize("sent", [[], [0]], ids=["none", "one"])
def test_the_first_two_of_an_hour_go_at_once(sent: list[float]) -> None:
    assert due_at(ONE, minutes(*sent), 12, None, START) == START


def test_the_third_keeps_its_distance() -> None:
    assert due_at(ONE, minutes(2, 1), 12, None, START) == START + timedelta(minutes=4)


def test_a_full_mail_keeps_none() -> None:
    assert due_at(FULL, minutes(2, 1), 12, None, START) == START


def test_a_full_mail_keeps_to_the_hours_number() -> None:
    assert due_at(FULL, minutes(50, 40, 1), 3, None, START) == START + timedelta(minutes=10)


def test_exactly_an_hour_later_another_mail_is_allowed() -> None:
    assert allowed_at(minutes(60, 1), 2, START) == START
    assert allowed_at(minutes(59.99, 1), 2, START) > START


@given(
    st.integers(1, 5),
    st.lists(st.integers(0, 1200), max_size=40).map(sorted),
)
def test_no_hour_has_more_mails_than_allowed(number: int, wanted: list[int]) -> None:
    sent: list[datetime] = []
    for minute in wanted:
        now = max([START + timedelta(minutes=minute), *sent[-1:]])
        sent.append(allowed_at(sent, number, now))
    assert all(later - earlier >= HOUR for earlier, later in zip(sent, sent[number:], strict=False))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-24T20:59", "2026-11-24T20:59"),
        ("2026-11-24T21:00", "2026-11-25T06:00"),
        ("2026-11-24T23:30", "2026-11-25T06:00"),
        ("2026-11-25T05:59", "2026-11-25T06:00"),
        ("2026-11-25T06:00", "2026-11-25T06:00"),
        ("2026-03-28T22:00", "2026-03-29T05:00"),  # the night in which summer time begins
    ],
)
def test_quiet_hours_are_of_the_wall_clock_and_go_over_midnight(now: str, due: str) -> None:
    assert due_at(ONE, [], 12, NIGHT, at(now)) == at(due)


def test_quiet_hours_within_a_day() -> None:
    noon = QuietHours(start="12:00", end="14:00")
    assert noon.over_at(at("2026-11-24T12:00")) == at("2026-11-24T14:00")
    assert noon.over_at(at("2026-11-24T14:00")) == at("2026-11-24T14:00")


def test_what_is_critical_breaks_the_quiet() -> None:
    night = at("2026-11-24T23:30")
    assert due_at(URGENT, [], 12, NIGHT, night) == night


@pytest.mark.parametrize(("critical_ago_s", "due_in_s"), [(None, 0), (0, 60), (59, 1), (60, 0), (600, 0)], ids=str)
def test_what_is_critical_waits_for_nothing_but_a_minute_after_another(
    critical_ago_s: int | None, due_in_s: int
) -> None:
    critical_at = None if critical_ago_s is None else START - timedelta(seconds=critical_ago_s)
    due = due_at(URGENT, minutes(3, 2, 1), 3, NIGHT, START, critical_at)
    assert due == START + timedelta(seconds=due_in_s)
