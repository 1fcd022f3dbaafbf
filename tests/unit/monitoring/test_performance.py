"""Use of the API by route and hour."""

from datetime import UTC, datetime

import pytest

from fraudshield.monitoring.api_call import RouteHour, band
from fraudshield.monitoring.performance import first_hour, percentile, performance_response

NOW = datetime(2026, 11, 25, 0, 30, tzinfo=UTC)
SCORE = ("POST", "/api/v1/score")


@pytest.mark.parametrize(
    ("hours", "first"), [(1, (25, 0)), (2, (24, 23)), (24, (24, 1)), (25, (24, 0)), (168, (18, 1))]
)
def test_the_hour_under_way_is_the_last_of_those_asked_for(hours: int, first: tuple[int, int]) -> None:
    found = first_hour(NOW, hours)
    assert (found.day, found.hour) == first


def test_nothing_counted_is_said_as_such() -> None:
    response = performance_response({}, 24, NOW)
    assert (response["routes"], response["since"]) == ([], "2026-11-24T01:00:00Z")
    assert (response["total"]["calls"], response["total"]["p99_ms"]) == (0, None)


def test_each_route_is_told_by_the_hour_and_in_all() -> None:
    counted = {
        RouteHour("2026-11-24T23", *SCORE): {"calls": 3, "key_score": 3, f"band_{band(10)}": 3},
        RouteHour("2026-11-25T00", *SCORE): {"calls": 1, "key_analyst": 1, "errors": 1, f"band_{band(19)}": 1},
        RouteHour("2026-11-25T00", "GET", "/health"): {"calls": 2, "key_none": 2, "client_errors": 1, "throttled": 1},
    }
    response = performance_response(counted, 2, NOW)
    score, health = response["routes"]
    assert (score["route"], score["calls"], score["errors"]) == ("/api/v1/score", 4, 1)
    assert score["keys"] == {"analyst": 1, "score": 3}
    assert (score["p50_ms"], score["p95_ms"], score["p99_ms"]) == (10, 19, 19)
    assert [(one["hour"], one["calls"]) for one in score["by_hour"]] == [
        ("2026-11-24T23:00:00Z", 3),
        ("2026-11-25T00:00:00Z", 1),
    ]
    assert (health["calls"], health["client_errors"], health["throttled"], health["p50_ms"]) == (2, 1, 1, None)
    assert (response["total"]["calls"], response["total"]["errors"], response["total"]["p50_ms"]) == (6, 1, 10)


@pytest.mark.parametrize(("share", "latency"), [(0.5, 10), (0.95, 10), (0.951, 19), (0.99, 19), (1.0, 19)])
def test_a_percentile_is_the_nearest_rank(share: float, latency: int) -> None:
    assert percentile({band(10): 95, band(19): 5}, share) == latency
