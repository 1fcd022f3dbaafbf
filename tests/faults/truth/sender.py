"""Faults of those who call: ids that cannot be, and a clock that is off."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from itertools import cycle
from urllib.parse import quote, urlsplit

from tests.faults.harness.client import ANSWER_S
from tests.faults.truth.observation import DURING, ObservedResponse
from tests.faults.truth.observer import exchanged
from tests.faults.truth.request import SCORE, ObservedRequest, ids, payment
from tests.faults.truth.site import Site

MALFORMED_ID = "GET with a malformed id"
SKEWED = "POST /api/v1/score of the sender whose clock is off"
LATE_S = 9.0  # when all has settled
EVERY_S = 1.0
SKEW = timedelta(minutes=10)
MALFORMED = ("", "a" * 2049, "é" * 1025, "%00", "%2F", "..", "%EF%BF%BD", "%FF", " ", "a" * 9000)
BY_ID = (
    "/api/v1/database/transactions/{}",
    "/api/v1/database/transactions/{}/label",
    "/api/v1/batch/jobs/{}",
)


@contextmanager
def repeatedly(act: Callable[[], None], every_s: float) -> Iterator[None]:
    """Does it over and over in a thread while the block runs."""
    over = threading.Event()

    def run() -> None:
        while not over.wait(every_s):
            act()

    thread = threading.Thread(target=run)
    act()
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def key(site: Site) -> str:
    """The one that may do everything."""
    return str(json.loads(site.cloud.state.keys.read_text())["ADMIN_API_KEY"])


@contextmanager
def malformed_ids(site: Site) -> Iterator[None]:
    """Once a second somebody asks for an id that cannot be one."""
    asked = cycle([path.format(one) for one in encoded(MALFORMED) for path in BY_ID])
    headers = {"X-API-Key": key(site)}

    def ask() -> None:
        status, code = got(site.cloud.gateway, next(asked), headers)
        again = status == 503
        site.asides.append(
            ObservedResponse(MALFORMED_ID, DURING, status, code, problem=bool(code), retry_after=again, last_s=LATE_S)
        )

    with repeatedly(ask, EVERY_S):
        yield


def encoded(texts: tuple[str, ...]) -> list[str]:
    """As they stand in a URL; what has a percent sign is encoded already."""
    return [text if "%" in text else quote(text, safe="") for text in texts]


def got(gateway: str, path: str, headers: dict[str, str]) -> tuple[int, str]:
    """Status and a problem's code; nothing of the path is tidied up on its way, as a library for clients would."""
    parts = urlsplit(gateway)
    connection = HTTPConnection(str(parts.hostname), parts.port, timeout=ANSWER_S)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        body = json.loads(response.read())
        return response.status, str(body.get("code", "")) if response.status >= 400 else ""
    finally:
        connection.close()


@contextmanager
def clock_off(site: Site) -> Iterator[None]:
    """A sender's clock goes ten minutes ahead, then ten behind: its payments say so in `occurred_at`."""
    fresh, skews = ids("skewed"), cycle([SKEW, -SKEW])

    def pay() -> None:
        at = (datetime.now(UTC) + next(skews)).isoformat().replace("+00:00", "Z")
        request = ObservedRequest(SCORE, lambda new_id: {"transactions": [payment(new_id) | {"occurred_at": at}]})
        status, _, _ = exchanged(site.cloud.gateway, key(site), request, next(fresh))
        site.asides.append(ObservedResponse(SKEWED, DURING, status, last_s=LATE_S))

    with repeatedly(pay, EVERY_S):
        yield
