"""How much the API is used and how long it takes, by route and hour."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import ceil
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from fraudshield.monitoring.api_call import Counts, RouteHour, middle_ms
from fraudshield.text.query import Query, Whole
from fraudshield.text.schema import Moment
from fraudshield.text.timestamp import timestamp

BAND, KEY = "band_", "key_"
HOUR = timedelta(hours=1)


class PerformanceQuery(Query):
    """How far back to look: up to a week. The hour that is under way is one of them."""

    hours: Annotated[Whole, Field(ge=1, le=168)] = 24


class Figures(TypedDict):
    """Errors are ours (5xx). Milliseconds are within 5 % of the true ones; null where none was measured."""

    calls: int
    client_errors: int
    throttled: int
    errors: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


class HourFigures(Figures):
    """The figures of the hour that starts then."""

    hour: Moment


class RouteFigures(Figures):
    """A route by its template, as `/api/v1/batch/jobs/{job_id}` (`-` where there is none), hour by hour and in all.

    `keys` says with which it was called. Health checks of services are not counted.
    """

    method: str
    route: str
    keys: dict[str, int]
    by_hour: list[HourFigures]


class PerformanceResponse(TypedDict):
    """The routes, the most used first."""

    routes: list[RouteFigures]
    total: Figures
    hours: int
    since: Moment
    timestamp: Moment


def first_hour(now: datetime, hours: int) -> datetime:
    """Returns the start of the first of so many hours, of which the last is under way."""
    return now.replace(minute=0, second=0, microsecond=0) - (hours - 1) * HOUR


def performance_response(counted: Mapping[RouteHour, Counts], hours: int, now: datetime) -> PerformanceResponse:
    """Returns the response of `GET /performance`."""
    routes = sorted({(one.method, one.route) for one in counted})
    told = [_route(method, route, counted) for method, route in routes]
    return {
        "routes": sorted(told, key=lambda one: -one["calls"]),
        "total": figures(_summed(counted.values())),
        "hours": hours,
        "since": timestamp(first_hour(now, hours)),
        "timestamp": timestamp(now),
    }


def figures(counts: Counts) -> Figures:
    """Returns the figures of counters."""
    bands = {int(name.removeprefix(BAND)): count for name, count in counts.items() if name.startswith(BAND)}
    return {
        "calls": counts.get("calls", 0),
        "client_errors": counts.get("client_errors", 0),
        "throttled": counts.get("throttled", 0),
        "errors": counts.get("errors", 0),
        "p50_ms": percentile(bands, 0.5),
        "p95_ms": percentile(bands, 0.95),
        "p99_ms": percentile(bands, 0.99),
    }


def percentile(bands: Mapping[int, int], share: float) -> float | None:
    """Returns the latency that this share of calls does not exceed (nearest rank)."""
    rank, seen = ceil(share * sum(bands.values())), 0
    for number in sorted(bands):
        seen += bands[number]
        if seen >= rank:
            return middle_ms(number)
    return None


def _route(method: str, route: str, counted: Mapping[RouteHour, Counts]) -> RouteFigures:
    own = {one.hour: counts for one, counts in sorted(counted.items()) if (one.method, one.route) == (method, route)}
    everything = _summed(own.values())
    by_hour: list[HourFigures] = [{"hour": f"{hour}:00:00Z", **figures(counts)} for hour, counts in own.items()]
    keys = {name.removeprefix(KEY): count for name, count in sorted(everything.items()) if name.startswith(KEY)}
    return {"method": method, "route": route, **figures(everything), "keys": keys, "by_hour": by_hour}


def _summed(parts: Iterable[Counts]) -> Counts:
    sums: Counter[str] = Counter()
    for part in parts:
        sums.update(part)
    return sums
