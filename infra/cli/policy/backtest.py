"""A test on history from the command: its span, its start, and waiting for its end."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from fraudshield.errors import InvalidInput
from fraudshield.text.timestamp import timestamp
from infra.cli.job_client import Answer
from infra.cli.policy.client import PolicyClient

DAYS = 30
LOOK_S = 1.0
ENDED = {"completed", "failed"}


def answer(
    client: PolicyClient, number: int, since: str, until: str, say: Callable[[str], None] = lambda _: None
) -> Answer:
    """Tests a version and waits for the answer; says how far it is whenever that changes.

    Raises InvalidInput: the test failed, or its span is none; NotFound, Unavailable.
    """
    started = client.test(number, _instant(since, "--from"), _instant(until, "--to"))
    said = ""
    while (found := client.backtest(started["backtest_id"]))["status"] not in ENDED:
        if (line := f"{found['status']}, {found['progress']:.0f} %") != said:
            say(line)
        said = line
        time.sleep(LOOK_S)
    if found["status"] == "failed":
        raise InvalidInput(f"The test failed: {found['error']['detail']} ({found['error']['code']})")
    return found


def span(since: str, until: str, now: datetime) -> tuple[str, str]:
    """Both ends as they were said; else the last 30 days up to now."""
    return since or timestamp(now - timedelta(days=DAYS)), until or timestamp(now)


def _instant(said: str, option: str) -> str:
    """A day is its beginning in UTC."""
    try:
        found = datetime.fromisoformat(said)
    except ValueError as exc:
        expected = "2026-11-24 or 2026-11-24T12:00Z"
        raise InvalidInput(f"{option} {said} is no day or time: expected as in {expected}") from exc
    return timestamp(found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC))
