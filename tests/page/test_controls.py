"""Every control of every screen: what there is, and that keys alone make it do what it does."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from tests.page.conftest import ADMIN, Open, Seeded
from tests.page.test_access import ROUTES

LISTED = Path(__file__).with_name("controls.json")  # by screen; what stands in rows of a table is called by its column
READS = {"GET", "HEAD"}
HOLDS = ("/reviews/next", "/claim")  # the queue shows nothing that it does not hold
SETTLED_MS, STEP_MS = 3000, 50

# Each control once by its name: the first where rows repeat it.
CONTROLS = """() => {
  document.querySelectorAll('[data-control]').forEach((one) => delete one.dataset.control);
  const kinds = ['a[href]', 'button', 'input', 'select', 'textarea', 'summary'].map((kind) => `main ${kind}`).join();
  const shown = [...document.querySelectorAll(kinds)]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }));
  const found = new Map();
  for (const one of shown) {
    const cell = one.closest('td');
    const label = one.getAttribute('aria-label') || one.labels?.[0]?.childNodes[0]?.textContent;
    const said = (label || one.innerText || one.value || '').trim().split('\\n')[0];
    const kind = one.tagName === 'INPUT' ? one.type : one.tagName.toLowerCase();
    const plain = said.replace(/[0-9][0-9,.:-]*/g, 'N').slice(0, 60);
    const name = `${kind}: ${cell ? `of a row, ${cell.dataset.title || 'row'}` : plain}`;
    if (found.has(name)) continue;
    one.dataset.control = found.size;
    found.set(name, { name, kind, disabled: Boolean(one.disabled), at: found.size });
  }
  return [...found.values()];
}"""
SNAPSHOT = """() => JSON.stringify([
  location.hash, document.title, document.body.innerHTML, document.activeElement?.outerHTML,
  [...document.querySelectorAll('select, input')].map((one) => [one.value, one.checked]),
  document.querySelectorAll(':modal').length,
])"""
KEYS = {
    "button": "Enter",
    "submit": "Enter",
    "summary": "Enter",
    "checkbox": "Space",
    "radio": "Space",
    "select": "ArrowDown",
}


@pytest.mark.parametrize("screen", sorted(ROUTES))
def test_each_control_is_listed_and_keys_alone_work_it(tab: Open, seeded: Seeded, screen: str) -> None:
    here = tab(ADMIN)
    page = here.go(ROUTES[screen])
    asked: list[str] = []
    page.add_init_script("window.print = () => { document.title = 'printed'; }")
    page.reload()
    here.settled()
    page.route("**/api/**", lambda route: read_only(route, asked))
    controls: list[dict[str, Any]] = page.evaluate(CONTROLS)
    assert sorted(one["name"] for one in controls) == json.loads(LISTED.read_text())[screen]
    dead = []
    for one in controls:
        if one["kind"] not in KEYS or one["disabled"]:
            continue  # a link is gone to and a field typed in by the browser itself
        if page.evaluate("location.hash") != f"#/{ROUTES[screen]}":
            page = here.go(ROUTES[screen])
        now = next((each for each in page.evaluate(CONTROLS) if each["name"] == one["name"]), None)
        if now is None:  # it went with what an earlier one did: the screen anew has it
            page.reload()
            here.settled()
            [now] = [each for each in page.evaluate(CONTROLS) if each["name"] == one["name"]]
        if not does(page, now, asked):
            dead.append(one["name"])
    assert dead == []


def read_only(route: Route, asked: list[str]) -> None:
    """Answers what would change something with a refusal: here it is enough that it was asked."""
    asked.append(route.request.url)
    if route.request.method in READS or route.request.url.endswith(HOLDS):
        route.continue_()
    else:
        refusal = {"type": "about:blank", "title": "Conflict", "status": 409, "detail": "Not in this test", "code": "x"}
        route.fulfill(status=409, content_type="application/problem+json", body=json.dumps(refusal))


def does(page: Page, control: dict[str, Any], asked: list[str]) -> bool:
    """Whether a key makes the control do anything: on the page, in the address, or to the API."""
    place = page.locator(f"[data-control='{control['at']}']").first
    if control["kind"] == "select" and place.locator("option").count() < 2:
        return True
    place.focus()
    before, calls = page.evaluate(SNAPSHOT), len(asked)
    page.keyboard.press(KEYS[control["kind"]])
    for _ in range(SETTLED_MS // STEP_MS):
        if len(asked) > calls or page.evaluate(SNAPSHOT) != before:
            return True
        page.wait_for_timeout(STEP_MS)
    return False
