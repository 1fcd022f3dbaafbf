"""The store stands still, the API hangs or is off: the page says so, stays usable, and goes on by itself."""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.page.conftest import ANALYST, Apart, Open, Tab, examples, scored

SENT = 240
REQUEST_ID = re.compile("[0-9a-f-]{36}")


@pytest.fixture(scope="module")
def entries(apart: Apart) -> list[dict[str, Any]]:
    """What was decided of some payments that are stored there."""
    return scored(apart.api, examples()[-SENT:])


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """A process that stands still while the block runs."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.fixture
def here(apart: Apart, tab: Open, entries: list[dict[str, Any]]) -> Tab:
    """A tab of somebody who has just looked at payments."""
    apart.api.call("GET", "/api/v1/database/transactions?limit=1")
    return tab(ANALYST, base=apart.api.page)


def said(page: Page, title: str) -> None:
    """What went wrong stands there, with the request that is to be looked up."""
    fault = page.locator("main .fault").first
    expect(fault).to_contain_text(title)
    expect(fault.locator(".id")).to_have_text(REQUEST_ID)


def test_a_store_that_stands_still_is_said_and_the_list_comes_by_itself(apart: Apart, here: Tab) -> None:
    page = here.go("payments")
    rows = page.locator("main .list tbody tr")
    expect(rows).to_have_count(100)
    with apart.engine.stopped():
        page.get_by_role("combobox", name="Outcome").select_option("approve")
        said(page, "store_unavailable")
        expect(page.locator("main .fault")).to_contain_text("asked for again by itself after")
        page.get_by_role("link", name="Try it").click()  # other screens are there
        expect(page.get_by_role("heading", name="Try it")).to_be_visible()
        page.go_back()
        said(page, "store_unavailable")
    expect(rows.first).to_be_visible()
    expect(page.locator("main .fault")).to_have_count(0)


def test_a_payment_is_decided_while_the_store_stands_still_and_that_is_said(apart: Apart, here: Tab) -> None:
    page = here.go("try")
    with apart.engine.stopped():
        page.get_by_label("Keep it").check()
        page.get_by_role("button", name="Decide").click()
        answer = page.get_by_label("The answer")
        expect(answer).to_contain_text("Degraded")


def test_a_verdict_that_met_a_store_that_stands_still_is_given_again(apart: Apart, here: Tab) -> None:
    page = here.go("queue")
    name = page.locator("main .headline a.id")
    held = name.inner_text()
    with apart.engine.stopped():
        page.keyboard.press("f")
        said(page, "store_unavailable")
        assert name.inner_text() == held
    where = f"/api/v1/database/transactions/{held}"
    page.keyboard.press("f")
    expect(page.locator("main .fault")).to_have_count(0)
    expect(page.get_by_role("button", name=f"Take back the verdict on {held}")).to_be_visible()
    assert apart.api.call("GET", where)["review"]["verdict"] == "decline"
    page.keyboard.press("u")
    expect(page.locator("[role=status]").first).to_contain_text("taken back, it waits again")


def test_the_queue_asks_again_by_itself_where_it_holds_nothing(apart: Apart, here: Tab) -> None:
    with apart.engine.stopped():
        here.page.evaluate("location.hash = '#/queue'")
        said(here.page, "store_unavailable")
    expect(here.page.locator("main .headline a.id")).to_be_visible()
    expect(here.page.locator("main .fault")).to_have_count(0)


def test_an_api_that_hangs_is_said_and_asked_again(apart: Apart, here: Tab) -> None:
    here.page.clock.install()
    page = here.go("payments")
    rows = page.locator("main .list tbody tr")
    with stopped(apart.api.pid):
        page.get_by_role("combobox", name="Outcome").select_option("approve")
        expect(page.locator("main [aria-busy=true]")).to_have_count(1)
        page.clock.fast_forward(20_000)
        fault = page.locator("main .fault")
        expect(fault).to_contain_text("The API has not answered for 20 s.")
        page.get_by_role("combobox", name="Outcome").select_option("")  # the page itself is usable
        expect(page.locator("main [aria-busy=true]")).to_have_count(1)
        page.clock.fast_forward(20_000)
        expect(fault).to_contain_text("The API has not answered for 20 s.")
    page.clock.fast_forward(15_000)
    expect(rows.first).to_be_visible()
    expect(page.locator("main .fault")).to_have_count(0)


def test_a_network_that_is_off_is_said_and_what_was_shown_comes_back_by_itself(apart: Apart, here: Tab) -> None:
    here.page.clock.install()
    page = here.go("payments")
    page.context.set_offline(True)
    page.get_by_role("combobox", name="Outcome").select_option("approve")
    expect(page.locator("main .fault")).to_contain_text("The API cannot be reached")
    page.context.set_offline(False)
    page.clock.fast_forward(15_000)
    expect(page.locator("main .list tbody tr").first).to_be_visible()
    expect(page.locator("main .fault")).to_have_count(0)
