"""A queue of hundreds is a screen like any other: as many rows, as many calls."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.page.conftest import ANALYST, Api, Open, Seeded, copies

MANY = 300
ROWS = 25  # of the list beside the review that is held
CALLS = 3  # when it is opened; a verdict is one more


@pytest.fixture
def many(cloud: Api, seeded: Seeded) -> Iterator[str]:
    """An account of which hundreds of payments wait."""
    differing = [{"transaction_id": f"many-{index}"} for index in range(MANY)]
    with copies(cloud, seeded.of("review")[0], "C-many", differing) as entries:
        assert {entry["decision"] for entry in entries} == {"review"}
        yield "C-many"


def test_a_long_queue_costs_no_more_than_a_short_one(tab: Open, seeded: Seeded, many: str) -> None:
    here = tab(ANALYST)
    asked: list[str] = []
    here.page.on("request", lambda request: asked.append(request.url) if "/api/" in request.url else None)
    page = here.go(f"queue?account={seeded.of('review')[-1]['nameOrig']}")
    held, rows = page.locator("main .headline a.id"), page.locator("main .list tbody tr")
    expect(held).to_be_visible()
    assert 0 < rows.count() < ROWS
    few = list(asked)
    assert len(few) == CALLS
    release = page.expect_response(lambda response: response.request.method == "DELETE")
    with release:  # the one that was held is given back
        here.go(f"queue?account={many}")
    expect(held).to_be_visible()
    here.settled()
    assert len(asked) == 2 * CALLS + 1
    assert rows.count() == ROWS
    assert "left" in page.locator(".left").inner_text()
    for key, label in ("f", "Decline"), ("g", "Release"):
        before, name = len(asked), held.inner_text()
        page.keyboard.press(key)
        expect(held).not_to_have_text(name)
        expect(held).to_be_visible()
        here.settled()
        assert len(asked) - before == CALLS + 1, label
        assert rows.count() == ROWS
    assert page.evaluate("document.querySelectorAll('*').length") < 1_000
