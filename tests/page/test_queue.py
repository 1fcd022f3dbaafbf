"""Reviews by keys, nobody's twice; and what is known of an account, as an own count has it."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, Route, expect

from tests.page.conftest import ADMIN, ANALYST, WEEKS_AGO, Api, Open, Seeded


def held(page: Page) -> str:
    """The payment that this tab has."""
    link = page.locator("main .headline a.id")
    expect(link).to_be_visible()
    text: str = link.inner_text()
    return text


def dearest(seeded: Seeded) -> list[str]:
    """Ids of what waits, by amount times risk."""
    risks = {one["transaction_id"]: one["risk"] for one in seeded.entries}
    waiting = sorted(seeded.of("review"), key=lambda one: -one["amount"] * risks[one["transaction_id"]])
    return [one["transaction_id"] for one in waiting]


def stored(cloud: Api, name: str) -> dict[str, Any]:
    found: dict[str, Any] = cloud.call("GET", f"/api/v1/database/transactions/{name}")
    return found


def test_two_browsers_with_one_key_have_two_reviews_and_their_verdicts_count(
    tab: Open, cloud: Api, seeded: Seeded
) -> None:
    """The dearest first; declined by a key, taken back by another, skipped, released."""
    order = dearest(seeded)
    one, other = tab(ANALYST), tab(ANALYST)
    first = one.go("queue")
    assert held(first) == order[0]
    expect(first.locator(".left")).to_contain_text(f"{len(order) - 1} left")
    second = other.go("queue")
    assert held(second) == order[1]
    first.keyboard.press("f")
    expect(first.locator("main .headline a.id")).to_have_text(order[2])
    found = stored(cloud, order[0])
    assert (found["review"]["verdict"], found["label"]["label"]) == ("decline", "fraud")
    first.keyboard.press("u")
    expect(first.locator("[role=status]").first).to_contain_text("taken back, it waits again")
    found = stored(cloud, order[0])
    assert ("verdict" in found["review"], found["label"]) == (False, None)
    second.keyboard.press("s")
    expect(second.locator("main .headline a.id")).not_to_have_text(order[1])
    second.get_by_label("Label it too").uncheck()
    name = held(second)
    second.keyboard.press("g")
    expect(second.locator("main .headline a.id")).not_to_have_text(name)
    found = stored(cloud, name)
    assert (found["review"]["verdict"], found["label"]) == ("release", None)


def test_what_is_left_is_free_for_the_next(tab: Open, cloud: Api, seeded: Seeded) -> None:
    here = tab(ANALYST)
    page = here.go("queue?outcome=block")
    name = held(page)
    here.go("payments")
    page = tab(ANALYST).go("queue?outcome=block")
    assert held(page) == name


def test_filters_of_the_queue_are_in_the_address(tab: Open, seeded: Seeded) -> None:
    here = tab(ANALYST)
    page = here.go("queue?min_amount=99999999")
    expect(page.locator("main")).to_contain_text("Nothing waits")
    page.get_by_role("combobox", name="Outcome").select_option("review,block")
    here.settled()
    assert re.search(r"outcome=review%2Cblock|outcome=review,block", page.url)


QUEUE_FILTERS = {
    "outcome": "review,block",
    **{"min_amount": "1", "max_amount": "9", "min_risk": "0.1", "max_risk": "0.2", "reason": "a_code"},
    **{"rule": "a_rule", "job_id": f"job-{0:032}", "type": "TRANSFER", "source": "api", "event_type": "payment"},
    **{"entity": "account:C1", "model_version": "1", "policy_version": "1", "start_date": "2026-01-01"},
    **{"end_date": "2026-01-02"},
}


def test_every_filter_of_lists_narrows_the_queue_too(tab: Open, seeded: Seeded) -> None:
    here = tab(ANALYST)
    asked: list[dict[str, str]] = []
    here.page.on(
        "request",
        lambda one: asked.append(one.post_data_json["filters"]) if one.url.endswith("/reviews/next") else None,
    )
    page = here.go("queue?" + urlencode(QUEUE_FILTERS))
    expect(page.locator("main")).to_contain_text("Nothing waits")
    assert asked == [QUEUE_FILTERS]
    shown = page.locator("form.filters").locator("input, select")
    assert sorted(filter(None, shown.evaluate_all("all => all.map(one => one.value)"))) == sorted(
        QUEUE_FILTERS.values()
    )
    page.get_by_role("link", name="Clear all filters").click()
    assert held(page)


def test_a_filter_that_is_changed_leaves_out_nothing_that_was_held(tab: Open, seeded: Seeded) -> None:
    """What was held under the filters before is given back first."""
    here = tab(ANALYST)
    page = here.go("queue")
    name = held(page)
    for amount in ("1", "2", ""):
        page.get_by_label("Amount from").fill(amount)
        page.get_by_label("Amount from").press("Enter")
        here.settled()
        assert held(page) == name


@pytest.mark.parametrize(("hours", "says"), [(48, r"in (1 d|47 h)"), (0, r"! overdue \d+ (s|min|h)")])
def test_when_each_is_due_is_said(tab: Open, seeded: Seeded, hours: int, says: str) -> None:
    """The time that the policy leaves is read off the review that is held."""
    here = tab(ANALYST)

    def due(route: Route) -> None:
        answer = route.fetch()
        stored = answer.json()
        decided_at = datetime.fromisoformat(stored["first_decision"]["decided_at"])
        stored["review"]["due_at"] = (decided_at + timedelta(hours=hours, seconds=1)).isoformat()
        route.fulfill(response=answer, json=stored)

    here.page.route(re.compile(r"/api/v1/database/transactions/[^/?]+$"), due)
    page = here.go("queue")
    expect(page.locator("main td[data-title=Due]").first).to_have_text(re.compile(says))
    assert page.locator("main td[data-title=Due]").count() == page.locator("main .list tbody tr").count()
    expect(page.locator("main .facts div").filter(has_text="Due")).to_contain_text(re.compile(says))


def test_a_note_and_a_verdict_stand_in_the_timeline(tab: Open, seeded: Seeded) -> None:
    name = seeded.of("block")[1]["transaction_id"]
    page = tab(ANALYST).go(f"payments/{name}")
    page.get_by_label("Note").fill("<i>called</i> the holder")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("ol.timeline")).to_contain_text("<i>called</i> the holder")
    page.get_by_role("button", name="Decline, fraud").click()
    expect(page.locator("main")).to_contain_text("Closed: decline")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)


@pytest.fixture
def account(seeded: Seeded) -> str:
    """The account that most payments name."""
    name: str = Counter(one["nameDest"] for one in seeded.sent).most_common(1)[0][0]
    return name


def test_an_entity_is_summed_up_as_an_own_count_does(tab: Open, seeded: Seeded, account: str) -> None:
    page = tab(ADMIN).go(f"entity/account/{account}")
    own = [one for one in seeded.sent if account in {one["nameOrig"], one["nameDest"]}]
    received = [one for one in own if one["nameDest"] == account]
    total = sum(Decimal(str(one["amount"])) for one in own)
    expect(page.locator(".facts").first).to_contain_text(f"Payments{len(own)}")
    expect(page.locator(".facts").first).to_contain_text(f"{total:,.2f}")
    amount = sum(Decimal(str(one["amount"])) for one in received)
    expect(page.locator(".facts").first).to_contain_text(f"{len(received)} · {amount:,.2f}")
    others = {one["nameOrig"] if one["nameDest"] == account else one["nameDest"] for one in own}
    shown = page.get_by_role("table", name="Counterparties, by money").locator("tbody a").all_inner_texts()
    assert set(shown) <= others
    assert len(shown) == min(20, len(others))


def test_an_erasure_is_asked_twice_and_leaves_a_receipt(tab: Open, cloud: Api) -> None:
    payment = {"transaction_id": "erased-1", "step": 1, "type": "PAYMENT", "amount": 5.0, "nameOrig": "C-to-erase"}
    then = (datetime.now(UTC) - WEEKS_AGO).strftime("%Y-%m-%dT%H:%M:%SZ")
    balances = {"oldbalanceOrg": 9.0, "newbalanceOrig": 4.0, "oldbalanceDest": 0.0, "newbalanceDest": 0.0}
    cloud.call(
        "POST", "/api/v1/score", {"transactions": [payment | balances | {"nameDest": "M9", "occurred_at": then}]}
    )
    page = tab(ADMIN).go("entity/account/C-to-erase")
    page.get_by_role("button", name="Erase it").click()
    page.get_by_role("button", name="Yes").click()
    expect(page.locator("main")).to_contain_text("Its receipt:")
    expect(tab(ADMIN).go("payments/erased-1").locator(".fault")).to_contain_text("not_found")
