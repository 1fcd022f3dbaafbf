"""The page for everybody: keys alone, screen readers, light and dark, 360 pixels; and pictures to look at."""

import pytest
from playwright.sync_api import expect

from tests.page.axe import RUN_AXE
from tests.page.conftest import ADMIN, PICTURES, Open, Seeded

ROUTES = {
    "today": "today?days=7",
    "queue": "queue",
    "payments": "payments?outcome=review,block",
    "entity": "entity/account/C1000092175",
    "payment": "payments/sim-348",
    "try": "try",
    "files": "files",
    "lists": "lists",
    "models": "models",
    "rules": "rules",
    "version": "rules/1",
    "search": "search?q=sim-348",
    "services": "system",
    "policy": "system/policy",
    "types": "system/types",
    "model": "system/model",
    "mails": "system/mails",
    "subscribers": "system/subscribers",
    "audit": "system/audit",
    "runbook": "runbook/DeadLetters",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_and_every_screen_is_drawn(tab: Open, seeded: Seeded, scheme: str) -> None:
    here = tab(ADMIN, scheme)
    axe = (PICTURES / "axe.js").read_text()
    found = []
    for name, route in ROUTES.items():
        page = here.go(route)
        if name == "try":
            page.get_by_role("button", name="Decide").click()
            here.settled()
        page.screenshot(path=PICTURES / f"{name}-{scheme}.png", full_page=True, animations="disabled")
        page.evaluate(axe)
        problems = page.evaluate(RUN_AXE)
        found += [(name, one) for one in problems if one["impact"] in {"serious", "critical"}]
    assert found == []


def test_every_screen_fits_into_360_pixels(tab: Open, seeded: Seeded) -> None:
    here = tab(ADMIN, width=360)
    wide = {}
    for name, route in ROUTES.items():
        page = here.go(route)
        page.screenshot(path=PICTURES / f"{name}-narrow.png", full_page=True, animations="disabled")
        if (width := page.evaluate("document.documentElement.scrollWidth")) > 360:
            wide[name] = width
    assert wide == {}


SHOWN = """[...document.querySelectorAll(
  'a[href], button:not([disabled]), input:not([disabled]), select, textarea, summary'
)].filter(one => one.checkVisibility({visibilityProperty: true}))"""
TOLD = "map(one => one.outerHTML.slice(0, 120))"
NAMED = "one.innerText || one.value || one.getAttribute('aria-label') || one.labels?.length"
UNREACHABLE = f"() => {SHOWN}.filter(one => one.tabIndex < 0 || !({NAMED})).{TOLD}"
FOCUSED = "() => { document.activeElement.dataset.reached = 'yes'; return document.activeElement.tagName; }"
LEFT = f"() => {SHOWN}.filter(one => !one.dataset.reached).{TOLD}"
MOST_TABS = 400


@pytest.mark.parametrize(
    "name", sorted(ROUTES.keys() - {"search", "version", "services", "types", "model", "mails", "audit"})
)
def test_every_control_is_reached_by_the_tab_key(tab: Open, seeded: Seeded, name: str) -> None:
    page = tab(ADMIN).go(ROUTES[name])
    assert page.evaluate(UNREACHABLE) == []
    page.evaluate("document.activeElement.blur(); document.body.focus()")
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == "BODY" or not page.evaluate(LEFT):
            break
    assert page.evaluate(LEFT) == []


def test_rows_are_walked_and_opened_by_keys(tab: Open, seeded: Seeded) -> None:
    here = tab(ADMIN)
    page = here.go(ROUTES["payments"])
    names = page.locator("main .list td[data-title=Transaction]").all_inner_texts()
    for key in "jjk":
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    here.settled()
    expect(page.locator("h1")).to_have_text(names[1])


def test_the_keys_are_listed(tab: Open, seeded: Seeded) -> None:
    page = tab(ADMIN).go("today")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
