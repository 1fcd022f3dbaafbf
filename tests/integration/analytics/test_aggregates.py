"""What is read from the aggregates: days newest first, in pages."""

from datetime import date, timedelta

import pytest

from fraudshield.analytics import wiring as analytics_wiring
from tests.stack import Stack, client

START = date(2026, 1, 1)
LAST = date(2026, 8, 31)


@pytest.fixture(scope="module")
def stored(lasting_stack: Stack) -> list[date]:
    """Every second day of eight months, from two sources: more than one page."""
    days = [START + timedelta(days=2 * n) for n in range(120)]
    for day in days:
        for source in ("api", "queue"):
            key = {"series": {"S": "days"}, "bucket": {"S": f"{day.isoformat()}#{source}"}}
            client("dynamodb").put_item(TableName=lasting_stack.aggregates, Item=key | {"transactions": {"N": "1"}})
    return days


def test_days_with_transactions_come_once_each_and_newest_first(stored: list[date]) -> None:
    assert list(analytics_wiring.aggregates().days(START, LAST)) == stored[::-1]


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (START, START, [START]),
        (START - timedelta(days=9), START + timedelta(days=1), [START]),
        (START + timedelta(days=1), START + timedelta(days=1), []),
        (START + timedelta(days=1), START + timedelta(days=2), [START + timedelta(days=2)]),
        (LAST, START, []),
    ],
)
def test_both_ends_are_included(stored: list[date], first: date, last: date, found: list[date]) -> None:
    assert list(analytics_wiring.aggregates().days(first, last)) == found
