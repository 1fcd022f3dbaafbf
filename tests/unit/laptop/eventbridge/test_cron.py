"""When a schedule is due."""

from datetime import UTC, datetime, timedelta

import pytest

from infra.laptop.errors import SetupError
from infra.laptop.eventbridge.cron import schedule

MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)


def due(expression: str, minutes: int = 24 * 60) -> list[int]:
    """The minutes of a day in which it is due."""
    when = schedule(expression)
    return [minute for minute in range(minutes) if when.is_due(MIDNIGHT + timedelta(minutes=minute))]


@pytest.mark.parametrize(
    ("expression", "minutes"),
    [
        ("rate(5 minutes)", list(range(0, 1440, 5))),
        ("rate(1 minute)", list(range(1440))),
        ("rate(6 hours)", [0, 360, 720, 1080]),
        ("cron(0/15 * * * ? *)", list(range(0, 1440, 15))),
        ("cron(5 * * * ? *)", list(range(5, 1440, 60))),
        ("cron(0 3 * * ? *)", [180]),
        ("cron(10-12 0 * * ? *)", [10, 11, 12]),
        ("cron(1,59 23 24 11 ? *)", [1381, 1439]),
        ("cron(0 0 25 * ? *)", []),
    ],
)
def test_it_is_due_when_eventbridge_would_say_so(expression: str, minutes: list[int]) -> None:
    assert due(expression) == minutes


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "rate(0 minutes)",
        "rate(5)",
        "cron(* * * *)",
        "cron(60 * * * ? *)",
        "cron(0 0 ? * MON *)",
        "cron(L * * * ? *)",
    ],
)
def test_what_is_not_understood_is_refused(expression: str) -> None:
    with pytest.raises(SetupError):
        schedule(expression)
