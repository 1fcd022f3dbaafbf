"""A laptop cloud with known payments in it, and a browser that looks at its page.

These tests have an environment of their own (requirements/page.txt) and import nothing of the product: they see what
somebody sees who opens the page.
"""

import csv
import json
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.page.engine import Engine, engine

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # the clouds' processes would compile anew all that they import

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / ".local" / "page-test"
KEYS = {
    "TEST_API_KEY": "a-score-key-of-the-page-tests",
    "FRONTEND_API_KEY": "an-analyst-key-of-the-page-tests",
    "ADMIN_API_KEY": "an-admin-key-of-the-page-tests",
}
SCORE, ANALYST, ADMIN = KEYS.values()
REFUSED = "Failed to load resource"  # the browser says so of each call that is refused, as the page does itself
MISSING = "NOT TESTED IN A BROWSER: there is no chromium; `make browser` installs one"
START_S = 180.0
PUT_OFF, TRIES = {503, 504}, 20
CHUNK = 60  # payments in a call: what a loaded machine stores within its deadline
WEEKS_AGO = timedelta(weeks=6)  # so that no figure of the last days counts it, at the same hour of the same weekday
MOST_ERASURES = 20
WAIT_MS = 60_000  # on a machine that others load
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True, slots=True)
class Api:
    """The API beside the page: what a figure is recounted from."""

    gateway: str
    page: str
    pid: int

    def call(self, method: str, path: str, body: Any = None, key: str = ADMIN) -> Any:
        """One call; the parsed answer. What a loaded machine puts off is asked again."""
        sent = None if body is None else json.dumps(body).encode()
        headers = {"X-API-Key": key, "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.gateway}{path}", sent, headers, method=method)
        for tries_left in reversed(range(TRIES)):
            try:
                with urllib.request.urlopen(request, timeout=60) as response:
                    return json.loads(response.read())
            except HTTPError as refused:
                if refused.code not in PUT_OFF or not tries_left:
                    raise
        raise AssertionError(path)


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A laptop cloud, with nothing stored yet."""
    with up(tmp_path_factory.mktemp("cloud")) as api:
        yield api


@contextmanager
def up(home: Path, *only: str, **settings: str) -> Iterator[Api]:
    """`fraudshield up` on `home`, all of it or these services."""
    told = os.environ | KEYS | {"RATE_LIMIT_REQUESTS": "100000"} | settings
    command = [str(ROOT / ".venv/bin/fraudshield"), "up", "--port-base", "0", "--home", str(home)]
    command += [word for name in only for word in ("--only", name)]
    with (home / "said").open("w") as said, subprocess.Popen(command, cwd=ROOT, env=told, stdout=said) as process:
        try:
            yield addresses(home / "said", process)
        finally:
            process.terminate()
            process.wait(60)


def addresses(said: Path, process: subprocess.Popen[bytes]) -> Api:
    """Where gateway and page are, once they are."""
    give_up_at = datetime.now(UTC) + timedelta(seconds=START_S)
    while process.poll() is None and datetime.now(UTC) < give_up_at:
        named = dict(line.split()[:2] for line in said.read_text().splitlines() if "http://" in line)
        if "mails" in named:
            return Api(named["gateway"], named["page"].rstrip("/"), process.pid)
        try:
            process.wait(0.2)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError(f"The laptop cloud did not start: {said.read_text()}")


FIGURES: list[str] = []  # what was measured, for people: no test goes by it


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was measured."""
    for line in FIGURES:
        terminalreporter.write_line(line)


@dataclass(frozen=True, slots=True)
class Apart:
    """A laptop cloud of four services on an engine whose calls are counted, and that can be stopped."""

    api: Api
    engine: Engine


@pytest.fixture(scope="session")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apart]:
    """Nothing is stored there yet, and no stream is read."""
    home = tmp_path_factory.mktemp("apart")
    services = ("gateway", "model", "database", "policy")
    with engine(home) as own, up(home, *services, AWS_ENDPOINT_URL_DYNAMODB=own.url) as api:
        yield Apart(api, own)


@dataclass(slots=True)
class Seeded:
    """The payments of events/transactions.csv as they were sent, and what the API decided."""

    sent: list[dict[str, Any]]
    entries: list[dict[str, Any]] = field(default_factory=list)

    def of(self, *outcomes: str) -> list[dict[str, Any]]:
        """What was sent of the payments with one of these outcomes."""
        decided = {one["transaction_id"] for one in self.entries if one["decision"] in outcomes}
        return [one for one in self.sent if one["transaction_id"] in decided]


def examples() -> list[dict[str, Any]]:
    """The example payments, one every five minutes, the last one five minutes ago."""
    with (ROOT / "events/transactions.csv").open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    began = datetime.now(UTC) - timedelta(minutes=5 * len(rows))
    texts = {"transaction_id", "type", "nameOrig", "nameDest"}
    return [
        {name: value if name in texts else json.loads(value) for name, value in row.items() if name != "isFraud"}
        | {"occurred_at": (began + timedelta(minutes=5 * index)).strftime("%Y-%m-%dT%H:%M:%SZ")}
        for index, row in enumerate(rows)
    ]


@pytest.fixture(scope="session")
def seeded(cloud: Api) -> Seeded:
    """1,200 payments, decided."""
    sent = examples()
    return Seeded(sent, scored(cloud, sent))


def scored(cloud: Api, sent: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries of these payments, in order, each stored: what a loaded machine put off is sent again."""
    chunks = [sent[start : start + CHUNK] for start in range(0, len(sent), CHUNK)]
    return [entry for chunk in chunks for entry in stored_entries(cloud, chunk)]


def stored_entries(cloud: Api, chunk: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries of one call. Sent again a payment is answered as before."""
    give_up_at = datetime.now(UTC) + timedelta(seconds=START_S)
    while datetime.now(UTC) < give_up_at:
        entries: list[dict[str, Any]] = cloud.call("POST", "/api/v1/score", {"transactions": chunk})["results"]
        if all(one.get("error") or one["persisted"] for one in entries):
            return entries
    raise AssertionError("The store is away")


@contextmanager
def copies(
    cloud: Api, of: dict[str, Any], sender: str, differing: Iterable[dict[str, Any]]
) -> Iterator[list[dict[str, Any]]]:
    """Entries of a payment's copies, which another account sent weeks ago. They go with their sender's erasure."""
    then = datetime.fromisoformat(of["occurred_at"]) - WEEKS_AGO
    common = of | {"nameOrig": sender, "occurred_at": then.strftime("%Y-%m-%dT%H:%M:%SZ")}
    yield scored(cloud, [common | one for one in differing])
    for _ in range(MOST_ERASURES):
        if not cloud.call("GET", f"/api/v1/database/transactions?account={sender}&limit=1")["transactions"]:
            return
        cloud.call("DELETE", f"/api/v1/database/accounts/{sender}")
    raise AssertionError(f"{sender} is not erased")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium, or Playwright's own where there is one."""
    with sync_playwright() as playwright:
        program = shutil.which("chromium") or playwright.chromium.executable_path
        if not Path(program).exists():
            pytest.skip(MISSING)
        running = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield running
        running.close()


@dataclass(slots=True)
class Tab:
    """A tab of the page, signed in. Whatever its console says is a failure at the end."""

    page: Page
    base: str
    said: list[str] = field(default_factory=list)

    def go(self, route: str) -> Page:
        """Open a route such as `payments?outcome=review`, and wait until all of it is loaded."""
        self.page.goto(f"{self.base}/#/{route}")
        expect(self.page.locator("main[data-route]")).to_have_attribute(
            "data-route", f"#{urlsplit(self.page.url).fragment}"
        )
        self.settled()
        return self.page

    def leave(self) -> None:
        """Leave the queue as somebody does, so that what is held there is free for the next test."""
        if "#/queue" not in self.page.url or not self.page.locator("main .headline a.id").count():
            return
        given_back = self.page.expect_response(lambda response: response.request.method == "DELETE", timeout=5_000)
        with suppress(PlaywrightTimeout), given_back:
            self.page.evaluate("location.hash = '#/payments'")

    def settled(self) -> None:
        """Wait until nothing on the screen is loading any more."""
        expect(self.page.locator("main [aria-busy=true]")).to_have_count(0)


Open = Callable[..., Tab]


@pytest.fixture
def tab(cloud: Api, browser: Browser) -> Iterator[Open]:
    """Opens tabs: `tab(key, colour scheme, width)`."""
    opened: list[Tab] = []

    def open_one(key: str = ADMIN, scheme: Any = "light", width: int = 1280, base: str = cloud.page) -> Tab:
        context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 860})
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        found = Tab(page, base)
        page.on("console", lambda message: None if REFUSED in message.text else found.said.append(message.text))
        page.on("pageerror", lambda error: found.said.append(str(error)))
        if key:
            page.goto(f"{base}/#key={key}")
            page.wait_for_selector("#main, .fault")
        opened.append(found)
        return found

    expect.set_options(timeout=WAIT_MS)
    yield open_one
    for one in opened:
        one.leave()
        one.page.context.close()
    assert [text for one in opened for text in one.said] == []
