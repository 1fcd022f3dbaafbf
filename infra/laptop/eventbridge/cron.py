"""When a schedule is due: EventBridge's `rate(...)` and `cron(...)`, in UTC, to the minute.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from infra.laptop.errors import SetupError

UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
RATE = re.compile(r"rate\((?P<number>[1-9]\d*) (?P<unit>minute|hour|day)s?\)")
CRON = re.compile(r"cron\((?P<fields>[^)]+)\)")
PART = re.compile(r"(?P<first>\d+|\*)(-(?P<last>\d+))?(/(?P<step>[1-9]\d*))?")


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule, due in some minutes. A rate counts from 1970, so that it does not matter when the laptop started."""

    holds: Callable[[datetime], bool]

    def is_due(self, minute: datetime) -> bool:
        """Whether it is due in this minute."""
        return self.holds(minute)


def schedule(expression: str) -> Schedule:
    """Read an expression. Raises SetupError for what the laptop does not understand, such as months by name."""
    if found := RATE.fullmatch(expression):
        every_s = int(found["number"]) * UNITS[found["unit"]].total_seconds()
        return Schedule(lambda at: int(at.timestamp()) // 60 * 60 % every_s == 0)
    found = CRON.fullmatch(expression)
    fields = found["fields"].split() if found else []
    if len(fields) != 6:
        raise SetupError(f"The laptop does not understand the schedule {expression!r}")
    minute, hour, day, month, weekday, year = fields
    if weekday not in {"?", "*"} or year != "*":
        raise SetupError(f"The laptop knows minute, hour, day and month of a schedule, not all of {expression}")
    tests = [_field(minute, 0, 59), _field(hour, 0, 23), _field(day, 1, 31), _field(month, 1, 12)]
    return Schedule(lambda at: all(_at(at, test, n) for n, test in enumerate(tests)))


def _at(at: datetime, allowed: frozenset[int], part: int) -> bool:
    return (at.minute, at.hour, at.day, at.month)[part] in allowed


def _field(text: str, least: int, most: int) -> frozenset[int]:
    """The values that `*`, `?`, `5`, `1-4`, `0/15`, `*/15` or a list of them stand for."""
    allowed: set[int] = set()
    for part in text.replace("?", "*").split(","):
        found = PART.fullmatch(part)
        if not found:
            raise SetupError(f"The laptop does not understand {part!r} in a schedule")
        first = least if found["first"] == "*" else int(found["first"])
        open_ended = found["first"] == "*" or found["step"]
        last = int(found["last"]) if found["last"] else most if open_ended else first
        if not least <= first <= last <= most:
            raise SetupError(f"{part!r} is outside {least} to {most} in a schedule")
        allowed.update(range(first, last + 1, int(found["step"] or 1)))
    return frozenset(allowed)
