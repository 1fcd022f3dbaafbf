"""A call of the API as its access log or a function has it, and what many of them come to by the hour."""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from fraudshield.monitoring.log import LogDelivery, LogLine, parsed

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
NO_ROUTE, NO_ERROR = "-", "-"
GREEDY = "{proxy+}"
UNROUTED = {"MISSING_AUTHENTICATION_TOKEN", "INVALID_SIGNATURE", "RESOURCE_NOT_FOUND"}  # the path is whatever was sent
ROUTE = re.compile(r"/[A-Za-z0-9/_.{}+-]{0,127}")
# Latencies: whole milliseconds below 20, then bands of at most 10 %, so that the middle is within 5 % of all in one.
LAST_BOUND_MS = 60_000  # API Gateway gives up before


def _bounds() -> Iterator[int]:
    bound = 0
    while bound < LAST_BOUND_MS:
        yield bound
        bound = max(bound + 1, bound * 11 // 10)
    yield LAST_BOUND_MS


BOUNDS_MS = tuple(_bounds())  # band n holds the latencies from BOUNDS_MS[n] on, below BOUNDS_MS[n + 1]


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A call. `route` is the template of a route, never a path; `key` is the scope of the key used, or `none`."""

    method: str
    route: str
    status: int
    latency_ms: int | None
    key: str


@dataclass(frozen=True, slots=True, order=True)
class RouteHour:
    """The key under which calls are counted. `hour` is UTC, as `2026-11-25T03`."""

    hour: str
    method: str
    route: str


Counts = Mapping[str, int]  # calls, client_errors, throttled, errors, key_score ..., band_0 ...


def read_call(line: LogLine, keys: Mapping[str, str]) -> ApiCall | None:
    """Reads a line about a call; None where it is none, or another line tells of the same call.

    Both API Gateway's access log and our functions have such lines. API Gateway knows the route of most calls as
    `{proxy+}` only: where the function has answered, its own line counts. `keys` are scopes by key id.
    """
    body = parsed(line.text)
    if body is None or "level" in body:
        return None
    told = {name: str(value) for name, value in body.items()}
    status = whole(told.get("status", ""))
    if status is None or not {"method", "route", "latency_ms"} <= told.keys():
        return None
    method, route = told["method"], told["route"]
    if route.endswith(GREEDY) and told.get("error", NO_ERROR) == NO_ERROR:
        return None
    if told.get("error") in UNROUTED or not ROUTE.fullmatch(route):
        route = NO_ROUTE
    return ApiCall(
        method=method if method in METHODS else "OTHER",
        route=route,
        status=status,
        latency_ms=whole(told["latency_ms"]),
        key=keys.get(told.get("api_key_id", ""), "none"),
    )


def counted(delivery: LogDelivery, keys: Mapping[str, str]) -> Mapping[RouteHour, Counts]:
    """Counts the calls of a delivery; the result is the same, in the same order, whenever it comes."""
    counts: dict[RouteHour, Counter[str]] = defaultdict(Counter)
    for line in delivery.lines:
        if call := read_call(line, keys):
            counts[RouteHour(hour(line.at), call.method, call.route)].update(_counters(call))
    return dict(sorted(counts.items()))


def hour(at: datetime) -> str:
    """Returns `2026-11-25T03` for a time in UTC."""
    return at.strftime("%Y-%m-%dT%H")


def band(latency_ms: int) -> int:
    """Returns the number of the band that a latency is in."""
    return bisect_right(BOUNDS_MS, latency_ms) - 1


def middle_ms(number: int) -> float:
    """Returns a latency within 5 % of every one in the band; of the last band its least."""
    if number + 1 >= len(BOUNDS_MS):
        return float(BOUNDS_MS[-1])
    return (BOUNDS_MS[number] + BOUNDS_MS[number + 1] - 1) / 2


def whole(text: str) -> int | None:
    """Reads a number as API Gateway writes it; None for anything else, such as the dash of what has no value."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _counters(call: ApiCall) -> Iterator[str]:
    yield "calls"
    yield f"key_{call.key}"
    if call.status >= 500:
        yield "errors"
    elif call.status >= 400:
        yield "client_errors"
    if call.status == 429:
        yield "throttled"
    if call.latency_ms is not None:
        yield f"band_{band(call.latency_ms)}"
