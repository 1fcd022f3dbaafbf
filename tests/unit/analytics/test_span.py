"""The days that analytics are asked about: so many up to a day, or from one to another."""

from datetime import UTC, date, datetime

import pytest

from fraudshield.analytics.period import PeriodQuery, period
from fraudshield.errors import Malformed
from fraudshield.text.query import read_query

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ({}, date(2026, 10, 26), date(2026, 11, 24)),
        ({"days": "1"}, date(2026, 11, 24), date(2026, 11, 24)),
        ({"to": "2026-11-10", "days": "7"}, date(2026, 11, 4), date(2026, 11, 10)),
        ({"from": "2026-11-01", "to": "2026-11-10"}, date(2026, 11, 1), date(2026, 11, 10)),
        ({"from": "2026-11-01"}, date(2026, 11, 1), date(2026, 11, 24)),
        ({"from": "2026-11-01", "to": "2026-12-31"}, date(2026, 11, 1), date(2026, 11, 24)),
        ({"from": "2026-12-01"}, date(2026, 11, 24), date(2026, 11, 24)),
        ({"from": "2020-01-01"}, date(2025, 11, 25), date(2026, 11, 24)),
        ({"from": "2025-11-25", "to": "2026-11-24"}, date(2025, 11, 25), date(2026, 11, 24)),
    ],
)
def test_the_days_are_those_that_were_asked_for(asked: dict[str, str], first: date, last: date) -> None:
    found = period(read_query(list(asked.items()), PeriodQuery), NOW)
    assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"from": "2026-11-10", "to": "2026-11-01"}, "?from"),
        ({"from": "2025-11-24", "to": "2026-11-24"}, "?from"),
        ({"from": "2026-11-10", "days": "7"}, "?days"),
        ({"from": "yesterday"}, "?from"),
    ],
)
def test_what_is_no_span_is_refused_by_its_parameter(asked: dict[str, str], pointer: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_query(list(asked.items()), PeriodQuery)
    assert refused.value.faults[0].pointer == pointer
