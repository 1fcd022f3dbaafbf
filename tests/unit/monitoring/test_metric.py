"""Metrics as they are shown."""

from datetime import timedelta

import pytest

from fraudshield.monitoring.metric import SHOWN, Metric, Series, latest, metrics_answer, period
from tests.fakes import NOW

CPU = Metric("cpu", "CpuPercent", "Maximum", "percent")


@pytest.mark.parametrize("hours", range(1, 169))
def test_no_span_has_more_points_than_a_picture_can_show(hours: int) -> None:
    assert 12 <= timedelta(hours=hours) / period(hours) <= 200


def test_the_newest_value_is_told_beside_all_of_them() -> None:
    series = [Series(CPU, ((NOW, 1.0), (NOW + timedelta(minutes=5), 2.0))), Series(SHOWN[0], ())]
    told = metrics_answer(series, 1, NOW)
    assert told["latest"] == {"cpu": 2.0, "requests": None}
    assert told["metrics"]["cpu"]["points"][0] == {"at": "2026-11-24T10:00:00Z", "value": 1.0}
    assert latest(series) == {"cpu": 2.0}


def test_no_two_metrics_have_one_title() -> None:
    assert len({metric.title for metric in SHOWN}) == len(SHOWN)
