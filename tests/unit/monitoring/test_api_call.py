"""Calls in the access log, counted."""

import random

import pytest

from fraudshield.monitoring.api_call import BOUNDS_MS, ApiCall, RouteHour, band, counted, middle_ms, read_call
from fraudshield.monitoring.log import LogLine, read_delivery
from tests.log_event import ACCESS_LOGS, AT, call, told, warning

KEYS = {"AnalystKey": "analyst"}


def read(text: str) -> ApiCall | None:
    return read_call(LogLine("k", AT, text), KEYS)


def test_a_line_of_the_access_log_is_a_call() -> None:
    assert read(call()) == ApiCall("POST", "/api/v1/score", 200, 40, "analyst")
    assert read(call(api_key_id="-")) == ApiCall("POST", "/api/v1/score", 200, 40, "none")


ANSWERED = call(route="/api/v1/database/{proxy+}")  # of which the function tells itself
OTHERS = [
    ANSWERED,
    "",
    "{}",
    "[]",
    warning(),
    call(level="INFO"),
    call(status="-"),
    call(status="\u0662"),
    '{"status": "200"}',
]


@pytest.mark.parametrize("text", OTHERS)
def test_other_lines_are_none(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("line", "method", "route"),
    [
        (call(route="/C-canary", error="MISSING_AUTHENTICATION_TOKEN", status="403"), "POST", "-"),
        (call(route="/C canary"), "POST", "-"),
        (call(route="-"), "POST", "-"),
        (call(route="/" + "a" * 128), "POST", "-"),
        (call(route="/api/v1/database/{proxy+}", error="THROTTLED"), "POST", "/api/v1/database/{proxy+}"),
        (call(route="/api/v1/batch/jobs/{job_id}"), "POST", "/api/v1/batch/jobs/{job_id}"),
        (call(route="/", method="C-canary"), "OTHER", "/"),
    ],
)
def test_what_a_client_makes_up_is_no_route_and_no_method(line: str, method: str, route: str) -> None:
    found = read(line)
    assert found is not None
    assert (found.method, found.route) == (method, route)


@pytest.mark.parametrize("latency", ["-", "", "-1", "1.5", "9" * 10, "\u0662"])
def test_a_call_without_a_latency_is_counted_without(latency: str) -> None:
    delivery = read_delivery(told(call(latency_ms=latency), group=ACCESS_LOGS))
    assert list(counted(delivery, KEYS).values()) == [{"calls": 1, "key_analyst": 1}]


def test_calls_are_counted_by_route_and_hour_in_one_order() -> None:
    lines = [call(), call(status="429"), call(status="503"), call("GET", "/health"), call(status="404"), "no call"]
    score, health = (RouteHour("2026-11-24T10", *route) for route in (("POST", "/api/v1/score"), ("GET", "/health")))
    found = counted(read_delivery(told(*lines, group=ACCESS_LOGS)), KEYS)
    assert list(found) == [health, score]
    fortieth = f"band_{band(40)}"
    assert found[health] == {"calls": 1, "key_analyst": 1, fortieth: 1}
    assert found[score] == {
        "calls": 4,
        "key_analyst": 4,
        "throttled": 1,
        "client_errors": 2,
        "errors": 1,
        fortieth: 4,
    }


@pytest.mark.parametrize(
    ("status", "name"), [("399", None), ("400", "client_errors"), ("499", "client_errors"), ("500", "errors")]
)
def test_an_error_is_the_callers_or_ours(status: str, name: str | None) -> None:
    [found] = counted(read_delivery(told(call(status=status), group=ACCESS_LOGS)), KEYS).values()
    assert found.keys() & {"client_errors", "errors"} == ({name} if name else set())


def test_below_20_ms_a_band_is_a_millisecond() -> None:
    assert [middle_ms(band(latency)) for latency in range(20)] == list(range(20))
    assert middle_ms(band(20)) == middle_ms(band(21)) == 20.5


def test_the_middle_of_a_band_is_within_5_percent_of_all_in_it() -> None:
    chosen = random.Random(7)
    latencies = [*BOUNDS_MS[1:], *(bound - 1 for bound in BOUNDS_MS[2:]), *chosen.choices(range(1, 60_000), k=2000)]
    assert max(abs(middle_ms(band(latency)) - latency) / latency for latency in latencies) < 0.05


def test_what_takes_longer_than_api_gateway_waits_is_in_the_last_band() -> None:
    assert band(10**9) == band(60_000) == len(BOUNDS_MS) - 1
    assert middle_ms(band(10**9)) == 60_000
