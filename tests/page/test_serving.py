"""How the page comes: few requests, small, from its own origin only, under a stage path, for who is let in."""

import http.client
import json
import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.page.conftest import ADMIN, ANALYST, SCORE, Api, Open, Seeded

REQUESTS, BYTES = 12, 60 * 1024  # of a first load, the calls of the API apart
CALLS = 3  # of a screen, that for the policy among them

ROUTES = [
    "today",
    "queue",
    "payments",
    "payments/sim-348",
    "entity/account/C1000092175",
    "try",
    "files",
    "lists",
    "models",
    "rules",
    "rules/1",
    "system",
    "search?q=C1000092175",
]


@pytest.mark.parametrize("route", ROUTES)
def test_a_first_load_is_small_and_from_here_alone(tab: Open, seeded: Seeded, route: str) -> None:
    here = tab(ADMIN)
    here.page.goto("about:blank")
    asked: list[str] = []
    here.page.on("request", lambda request: asked.append(request.url))
    here.go(route)
    loaded = [url for url in asked if "/api/" not in url and "/services/" not in url and not url.startswith("data:")]
    assert len(loaded) <= REQUESTS
    assert {urlsplit(url).netloc for url in loaded} == {urlsplit(here.base).netloc}
    sizes = {url: fresh_bytes(url) for url in loaded}
    assert sum(sizes.values()) < BYTES
    assert len([url for url in asked if "/api/" in url or "/services/" in url]) <= CALLS


def fresh_bytes(url: str) -> int:
    """What comes over the wire for who has nothing yet."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    connection.request("GET", parts.path or "/", headers={"Accept-Encoding": "gzip"})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    assert response.status == 200
    return len(body)


def test_the_page_works_under_the_stage_and_where_its_slash_was_left_out(tab: Open, cloud: Api, seeded: Seeded) -> None:
    here = tab("", base=f"{cloud.gateway}/dev")
    here.page.goto(f"{cloud.gateway}/dev#key={ANALYST}")
    here.page.wait_for_selector("#main")
    assert urlsplit(here.page.url).path == "/dev/"
    page = here.go("payments?outcome=block&source=api")
    expect(page.locator("main .list tbody tr")).to_have_count(len(seeded.of("block")))


def test_the_key_of_a_link_leaves_the_address_at_once_and_reaches_no_server(tab: Open, cloud: Api) -> None:
    here = tab("")
    asked: list[str] = []
    here.page.on("request", lambda request: asked.append(request.url))
    here.page.goto(f"{cloud.page}/#key={ANALYST}")
    here.page.wait_for_selector("#main")
    assert ANALYST not in here.page.url
    assert not any(ANALYST in url for url in asked)
    assert ANALYST not in here.page.content()
    here.page.reload()
    expect(here.page.locator(".who")).to_contain_text("analyst")  # the tab keeps it


def test_another_tab_is_not_signed_in(tab: Open, cloud: Api) -> None:
    here = tab(ANALYST)
    other = here.page.context.new_page()
    other.goto(cloud.page)
    expect(other.get_by_label("API key")).to_be_visible()


def test_a_wrong_key_is_refused_with_the_request_to_look_up(tab: Open, cloud: Api) -> None:
    page = tab("").page
    page.goto(cloud.page)
    page.get_by_label("API key").fill("no-such-key-at-all-000")
    page.keyboard.press("Enter")
    expect(page.locator(".fault")).to_contain_text("key_refused")
    expect(page.locator(".fault .id")).to_have_text(re.compile("[0-9a-f-]{36}"))


def test_a_name_stands_beside_what_one_does(tab: Open, cloud: Api, seeded: Seeded) -> None:
    here = tab("")
    here.page.goto(cloud.page)
    here.page.get_by_label("API key").fill(ANALYST)
    here.page.get_by_label("Your name").fill("Zoë Müller")
    here.page.keyboard.press("Enter")
    here.page.wait_for_selector("#main")
    name = seeded.of("review")[2]["transaction_id"]
    page = here.go(f"payments/{name}")
    page.keyboard.press("g")
    expect(page.locator("main .panel").filter(has_text="Take back")).to_contain_text("by Zoë Müller")
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("Nobody has said yet what it was.")).to_be_visible()


SCREENS = {
    SCORE: ["Try it", "Files", "System"],
    ANALYST: ["Today", "Queue", "Payments", "Try it", "Rules", "Models", "Lists", "Files", "System"],
}


@pytest.mark.parametrize("key", SCREENS)
def test_what_a_scope_does_not_allow_is_not_offered(tab: Open, key: str) -> None:
    here = tab(key)
    page = here.go("system")
    assert page.locator("header nav a").all_inner_texts() == SCREENS[key]
    tabs = page.locator("main nav a").all_inner_texts()
    assert ("Policy" in tabs) is (key == ANALYST)
    assert "Audit" not in tabs
    here.go("payments")
    expect(page.locator("main")).to_contain_text("" if key == ANALYST else "It takes one with the scope analyst")


def test_an_api_that_is_away_is_said_and_tried_again(tab: Open, seeded: Seeded) -> None:
    here = tab(ANALYST)
    here.page.route("**/api/v1/database/**", lambda route: route.abort())
    page = here.go("payments")
    expect(page.locator(".fault")).to_contain_text("The API cannot be reached")
    here.page.unroute("**/api/v1/database/**")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("main .list tbody tr")).to_have_count(100)


def test_a_store_that_stands_still_is_said_and_asked_again_when_it_may(tab: Open, seeded: Seeded) -> None:
    """What was shown stays; the browser's clock is moved on, nothing is waited for."""
    here = tab(ANALYST)
    here.page.clock.install()
    page = here.go("today?days=7")
    figures = page.locator(".figures").inner_text()
    problem = {
        "status": 503,
        "code": "store_unavailable",
        "title": "Service Unavailable",
        "detail": "The store is away",
    }
    asked: list[str] = []

    def away(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=503, headers={"Retry-After": "5"}, json=problem | {"request_id": "r-1"})

    page.route("**/dashboard-summary*", away)
    page.clock.fast_forward(15_000)
    fault = page.locator("main .fault")
    expect(fault).to_contain_text("The store is away")
    expect(fault).to_contain_text("asked for again by itself after 5 s")
    assert page.locator(".figures").inner_text() == figures
    page.clock.fast_forward(4_000)
    assert len(asked) == 1
    page.clock.fast_forward(1_000)
    expect(fault).to_be_visible()
    page.unroute("**/dashboard-summary*")
    page.clock.fast_forward(5_000)
    expect(fault).to_have_count(0)
    assert len(asked) == 2
    assert page.locator(".figures").inner_text() == figures


def test_a_pause_that_the_api_asks_for_is_kept_and_said(tab: Open, seeded: Seeded) -> None:
    here = tab(ANALYST)
    problem = json.dumps({"status": 429, "code": "throttled", "title": "Too Many Requests", "detail": "Over the rate"})
    answered: list[int] = []

    def once(route: Route) -> None:
        answered.append(1)
        if len(answered) == 1:
            route.fulfill(status=429, headers={"Retry-After": "1"}, body=problem)
        else:
            route.continue_()

    here.page.route("**/api/v1/database/**", once)
    here.page.goto(f"{here.base}/#/payments")
    expect(here.page.locator("[role=status]").first).to_contain_text("sent again in 1 s")
    expect(here.page.locator("main .list tbody tr")).to_have_count(100)
    assert len(answered) == 2


def test_a_browser_is_told_nothing_is_allowed_but_our_own(browser: Browser, cloud: Api) -> None:
    page = browser.new_page()
    response = page.goto(cloud.page)
    assert response is not None
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self' 'sha256-")
    assert "require-trusted-types-for 'script'" in policy
    for source in ("unsafe-inline", "unsafe-eval", "*"):
        assert source not in policy
    page.close()
