"""This hour against the same hour a week ago."""

from collections.abc import Mapping
from datetime import datetime

import pytest

from fraudshield.monitoring.metric import ENOUGH, WATCHED, Series, ratios
from tests.fakes import NOW

BUSY = {"requests": 1000.0, "latency": 20.0, "approved": 900.0, "reviewed": 60.0, "blocked": 40.0}


def hour(**changes: float | None) -> list[Series]:
    values: Mapping[str, float | None] = BUSY | changes
    return [Series(metric, point(values[metric.title])) for metric in WATCHED]


def point(value: float | None) -> tuple[tuple[datetime, float], ...]:
    return () if value is None else ((NOW, value),)


def test_an_hour_like_the_one_before_has_ratios_of_one() -> None:
    assert ratios(hour(), hour()) == {"LatencyRatio": 1.0, "BlockRateRatio": 1.0}


def test_twice_as_slow_is_two() -> None:
    assert ratios(hour(latency=40.0), hour())["LatencyRatio"] == 2.0


def test_three_times_as_many_blocked_is_nearly_three() -> None:
    assert ratios(hour(blocked=120.0, approved=820.0), hour())["BlockRateRatio"] == pytest.approx(2.95, abs=0.01)


def test_blocks_after_none_are_many_but_no_infinity() -> None:
    assert ratios(hour(blocked=40.0), hour(blocked=None, approved=940.0))["BlockRateRatio"] == pytest.approx(41)


@pytest.mark.parametrize(("requests", "there"), [(ENOUGH, True), (ENOUGH - 1, False)])
def test_too_few_are_not_compared(requests: int, there: bool) -> None:
    assert ("LatencyRatio" in ratios(hour(requests=float(requests)), hour())) is there


def test_an_hour_without_anything_is_not_compared() -> None:
    empty = hour(**dict.fromkeys(BUSY, None))
    assert ratios(empty, hour()) == ratios(hour(), empty) == {}
