"""Text from outside stays text: in ids, names, notes and file names, on every screen that shows it."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.page.conftest import ADMIN, ANALYST, Api, Open, Seeded, copies
from tests.page.hostile import HOSTILE

PAYMENT = {"step": 1, "type": "PAYMENT", "amount": 9_999_999.0, "oldbalanceOrg": 0.0, "newbalanceOrig": 0.0}
DESTINATION = {"nameDest": "M1", "oldbalanceDest": 0.0, "newbalanceDest": 0.0}
SEEN = "Array.from(document.querySelectorAll('script, iframe, object, embed, base, main style, main img')).length"


@pytest.fixture(scope="module")
def stored(cloud: Api, seeded: Seeded) -> list[str]:
    """Payments whose id and account are hostile; those that the API takes."""
    sent: list[dict[str, Any]] = [
        PAYMENT | DESTINATION | {"transaction_id": text, "nameOrig": text[:64]} for text in HOSTILE
    ]
    entries = cloud.call("POST", "/api/v1/score", {"transactions": sent})["results"]
    return [text for text, entry in zip(HOSTILE, entries, strict=True) if not entry.get("error")]


def test_there_are_sixty_and_most_of_them_can_be_stored(stored: list[str]) -> None:
    assert len(set(HOSTILE)) == 60
    assert len(stored) >= 50


def test_a_list_of_them_is_text(tab: Open, stored: list[str]) -> None:
    here = tab(ANALYST)
    watch(here)
    page = here.go("payments?min_amount=9999999&max_amount=9999999")
    before = page.evaluate(SEEN)
    shown = set(page.locator("main .list td[data-title=Transaction] a").all_text_contents())
    assert shown == set(stored)
    assert (page.evaluate("window.ran"), page.evaluate(SEEN)) == (None, before)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_each_is_a_payment_of_its_own_that_can_be_opened(tab: Open, stored: list[str]) -> None:
    here = tab(ANALYST)
    watch(here)
    for text in stored:
        page = here.go(f"payments/{quote(text, safe='')}")
        assert page.locator("h1").text_content() == text
        assert page.evaluate("window.ran") is None
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_none_of_them_runs_from_the_address_or_the_search(tab: Open, seeded: Seeded) -> None:
    here = tab(ANALYST)
    watch(here)
    for text in HOSTILE[::3]:
        page = here.go(f"search?q={quote(text, safe='')}")
        expect(page.locator("h1")).to_contain_text("Search")
        page = here.go(f"payments?account={quote(text, safe='')}&cols={quote(text, safe='')}")
        assert page.evaluate("window.ran") is None


def test_none_of_them_runs_in_a_note_or_an_answer(tab: Open, cloud: Api, seeded: Seeded) -> None:
    here = tab(ADMIN)
    watch(here)
    problem = {"status": 500, "title": HOSTILE[0], "detail": HOSTILE[2], "code": HOSTILE[24], "request_id": HOSTILE[3]}
    here.page.route("**/api/v1/model/policy*", lambda route: route.fulfill(status=500, json=problem))
    page = here.go("system/policy")
    expect(page.locator(".fault").first).to_contain_text(HOSTILE[2])
    job = cloud.call("POST", "/api/v1/batch/uploads", {"file_name": "a.csv"})
    assert job["method"] == "PUT"
    fake = {
        **dict.fromkeys(("created_at", "completed_at", "model_version", "policy_version", "unstored_url")),
        **dict.fromkeys(("progress", "total_items", "processed_items", "failed_items", "unstored_items"), 1),
        **{"job_id": "j", "status": "completed", "file": f"a/{HOSTILE[2]}", "event_type": HOSTILE[1], "results": {}},
        **{"result_url": "javascript:window.ran=1", "rejects_url": "data:text/html,x", "error_message": HOSTILE[0]},
    }
    here.page.route("**/api/v1/batch/jobs/j", lambda route: route.fulfill(json=fake))
    page = here.go("files/j")
    expect(page.locator(".headline h1")).to_have_text(HOSTILE[2])
    assert page.get_by_text("Results", exact=True).get_attribute("href") is None
    assert page.evaluate("window.ran") is None


@pytest.fixture
def waiting(cloud: Api, seeded: Seeded) -> Iterator[list[str]]:
    """What waits in the queue, with hostile ids and receivers; those that the API takes."""
    differing = [{"transaction_id": f"{text} too", "nameDest": text[:64]} for text in HOSTILE[::3]]
    with copies(cloud, seeded.of("block")[0], "C-hostile", differing) as entries:
        yield [entry["transaction_id"] for entry in entries if not entry.get("error")]


def test_none_of_them_runs_in_the_queue(tab: Open, waiting: list[str]) -> None:
    here = tab(ANALYST)
    watch(here)
    page = here.go("queue?outcome=review,block&account=C-hostile")
    assert len(waiting) > 15
    table = page.get_by_role("table", name="What waits, dearest first")
    assert set(table.locator("td[data-title=Transaction] a").all_text_contents()) == set(waiting)
    held = page.locator("main .headline a.id")
    seen: list[str] = []
    for _ in waiting:
        if seen:
            expect(held).not_to_have_text(seen[-1])
        seen.append(held.text_content() or "")
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
        page.keyboard.press("s")
    expect(page.locator("main")).to_contain_text("Nothing waits")
    assert sorted(seen) == sorted(waiting)
    assert page.evaluate("window.ran") is None


def test_none_of_them_runs_on_the_screen_of_an_entity(tab: Open, stored: list[str]) -> None:
    here = tab(ADMIN)
    watch(here)
    for text in stored[::3]:
        page = here.go(f"entity/account/{quote(text[:64], safe='')}")
        assert page.locator("h1").text_content() == text[:64]
        expect(page.locator(".facts").first).to_contain_text("First seen")
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
        page.get_by_role("button", name="Erase it").click()
        expect(page.locator(".sure")).to_contain_text("for good?")
        here.go(f"entity/{quote(text, safe='')}/{quote(text, safe='')}")
        assert page.evaluate("window.ran") is None


def watch(here: Any) -> None:
    """What the policy of the page forbids is an event; none may come. The console says it too, and fails the test."""
    here.page.evaluate(
        "document.addEventListener('securitypolicyviolation', one => console.error('CSP', one.blockedURI))"
    )
