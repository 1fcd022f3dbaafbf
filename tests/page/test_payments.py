"""The list of payments and one payment: what they show is what was sent and decided."""

import csv
import io
import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.page.conftest import ANALYST, Api, Open, Seeded, copies


def cells(page: Page, title: str) -> list[str]:
    texts: list[str] = page.locator(f"main .list td[data-title='{title}']").all_inner_texts()
    return texts


def number(text: str) -> Decimal:
    return Decimal(text.replace(",", "").replace("\N{MINUS SIGN}", "-").replace("+", ""))


def test_the_list_shows_what_passes_the_filter_and_adds_it_up(tab: Open, seeded: Seeded) -> None:
    page = tab(ANALYST).go("payments?outcome=review,block")
    wanted = seeded.of("review", "block")
    assert cells(page, "Transaction") == [one["transaction_id"] for one in reversed(wanted)]
    assert [number(text) for text in cells(page, "Amount")] == [
        Decimal(f"{one['amount']:.2f}") for one in reversed(wanted)
    ]
    total = sum(Decimal(str(one["amount"])) for one in wanted)
    expect(page.locator(".totals")).to_contain_text(f"{len(wanted)} payments · {total:,.2f} in all")
    blocked = len(seeded.of("block"))
    expect(page.locator(".totals")).to_contain_text(f"{len(wanted) - blocked} review · {blocked} block")


def test_instants_and_reasons_of_a_list_are_for_reading(tab: Open, seeded: Seeded) -> None:
    """As the review queue has them; the whole is in the title."""
    page = tab(ANALYST).go("payments?sort=expected_loss")
    texts = page.locator("main .list td:not([data-title=Type])").all_inner_texts()  # CASH_OUT is a type
    assert [text for text in texts if re.search(r"\d-\d\dT\d|_", text)] == []
    decided = page.locator("main .list td[data-title='Decided at'] time").first
    expect(decided).to_have_text(re.compile(r"^\d\d \w+,? \d\d:\d\d$"))
    expect(decided).to_have_attribute("title", re.compile(r"^\d{4}-\d\d-\d\dT.*Z$"))
    known = {reason["code"] for entry in seeded.entries for reason in entry["reasons"]}
    titles = page.locator("main .list td[data-title=Why] [title]").evaluate_all("all => all.map(one => one.title)")
    assert {code for title in titles for code in title.split(", ")} <= known


def test_filters_are_in_the_address_and_come_back_with_it(tab: Open, seeded: Seeded) -> None:
    here = tab(ANALYST)
    page = here.go("payments")
    page.get_by_role("combobox", name="Outcome").select_option("block")
    here.settled()
    page.get_by_label("Amount from").fill("40000")
    page.get_by_label("Amount from").press("Tab")
    here.settled()
    assert page.url.endswith("#/payments?outcome=block&min_amount=40000")
    wanted = {one["transaction_id"] for one in seeded.of("block") if one["amount"] >= 40_000}
    assert set(cells(page, "Transaction")) == wanted
    page.go_back()
    here.settled()
    assert len(cells(page, "Transaction")) == len(seeded.of("block"))


Passes = Callable[[dict[str, Any], dict[str, Any]], bool]
FILTERS: dict[str, Passes] = {
    "type=TRANSFER": lambda one, _: one["type"] == "TRANSFER",
    "min_risk=0.01&max_risk=0.5": lambda _, entry: 0.01 <= entry["risk"] <= 0.5,
    "min_amount=500000&max_amount=600000": lambda one, _: 500_000 <= one["amount"] <= 600_000,
    "reason=sender_balance_left": lambda _, entry: any(r["code"] == "sender_balance_left" for r in entry["reasons"]),
    "policy_version=1&outcome=review": lambda _, entry: entry["decision"] == "review",
    "source=queue": lambda _, entry: False,
}


@pytest.mark.parametrize("filters", FILTERS)
def test_each_filter_shows_what_an_own_count_finds(tab: Open, seeded: Seeded, filters: str) -> None:
    here = tab(ANALYST)
    page = here.go(f"payments?{filters}")
    while (more := page.get_by_role("button", name="Show more")).count():
        more.click()
        here.settled()
    pairs = zip(seeded.sent, seeded.entries, strict=True)
    assert set(cells(page, "Transaction")) == {
        one["transaction_id"] for one, entry in pairs if FILTERS[filters](one, entry)
    }


def test_the_export_is_the_list_as_a_file(tab: Open, seeded: Seeded) -> None:
    page = tab(ANALYST).go("payments?outcome=review,block")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Export as CSV").click()
    rows = list(csv.DictReader(io.StringIO(downloading.value.path().read_text())))
    assert [row["transaction_id"] for row in rows] == cells(page, "Transaction")


def test_the_export_of_more_than_a_page_has_each_payment_once(tab: Open, seeded: Seeded) -> None:
    page = tab(ANALYST).go("payments")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Export as CSV").click()
    rows = list(csv.DictReader(io.StringIO(downloading.value.path().read_text())))
    found = [
        row["transaction_id"] for row in rows if row["transaction_id"].startswith("sim-")
    ]  # others tests store more
    assert sorted(found) == sorted(one["transaction_id"] for one in seeded.sent)


def test_pages_of_an_export_with_columns_of_their_own_are_one_file(tab: Open, seeded: Seeded) -> None:
    """The second page is of another event type: its columns come before the money, its cells are under their own."""
    pages = [
        'transaction_id,amount,device,amount_currency\r\na-1,10.5,"d,1",EUR\r\na-2,7,"say ""no""",EUR\r\n',
        'transaction_id,amount,card,"a\nb"\r\nb-1,3,c-9,"two\r\nlines"\r\nb-2,,,\r\n',
    ]
    here = tab(ANALYST)
    page = here.go("payments")

    def answered(route: Route) -> None:
        second = "cursor=" in route.request.url
        link = {} if second else {"Link": '</x?cursor=more>; rel="next"'}
        route.fulfill(body=pages[second], headers={"Content-Type": "text/csv"} | link)

    page.route("**/api/v1/ingest/export*", answered)
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Export as CSV").click()
    rows = list(csv.DictReader(io.StringIO(downloading.value.path().read_bytes().decode(), newline="")))
    none = {"device": "", "card": "", "a\nb": "", "amount_currency": ""}
    assert rows == [
        none | {"transaction_id": "a-1", "amount": "10.5", "device": "d,1", "amount_currency": "EUR"},
        none | {"transaction_id": "a-2", "amount": "7", "device": 'say "no"', "amount_currency": "EUR"},
        none | {"transaction_id": "b-1", "amount": "3", "card": "c-9", "a\nb": "two\r\nlines"},
        none | {"transaction_id": "b-2", "amount": ""},
    ]
    assert list(rows[0]) == ["transaction_id", "amount", "device", "amount_currency", "card", "a\nb"]


def test_one_payment_shows_its_decision_and_shares_that_add_up(tab: Open, cloud: Api, seeded: Seeded) -> None:
    [entry, *_] = [one for one in seeded.entries if one["decision"] == "block"]
    name = entry["transaction_id"]
    page = tab(ANALYST).go(f"payments/{name}")
    sent = next(one for one in seeded.sent if one["transaction_id"] == name)
    expect(page.locator(".headline")).to_contain_text(f"{sent['amount']:,.2f}")
    expect(page.locator(".headline .badge")).to_have_text("✕ block")
    bar = page.get_by_role("img", name=f"Risk {entry['risk'] * 100:.2f} %, outcome block; review from")
    expect(bar).to_be_visible()
    for reason in entry["reasons"]:
        expect(page.locator("ul.reasons")).to_contain_text(reason["text"])
    page.get_by_text("The same as a table").click()
    shares = page.locator(".waterfall tbody tr td:nth-child(3)").all_inner_texts()
    margin = cloud.call("POST", "/api/v1/model/explain", {"transaction_id": name})["margin"]
    *parts, total = [number(text) for text in shares]
    assert abs(sum(parts) - total) < Decimal("0.001")
    assert abs(float(total) - margin) < 0.0001
    expect(page.locator(".waterfall figcaption")).to_contain_text("add up to the margin exactly")


def test_the_way_of_a_payment_is_told_and_it_is_replayed(tab: Open, seeded: Seeded) -> None:
    here = tab(ANALYST)
    page = here.go(f"payments/{seeded.of('review')[0]['transaction_id']}")
    expect(page.locator("ol.timeline li")).to_have_count(2)
    page.get_by_role("button", name="Compute it again").click()
    expect(page.get_by_text("The same, byte for byte.")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Receiver")).click()
    here.settled()
    expect(page.get_by_role("table", name=re.compile("^Last payments of"))).to_contain_text(
        page.locator("h1").inner_text()
    )


def test_labels_by_key_and_taken_back(tab: Open, cloud: Api, seeded: Seeded) -> None:
    here = tab(ANALYST)
    name = seeded.of("review")[1]["transaction_id"]
    page = here.go(f"payments/{name}")
    page.keyboard.press("f")
    expect(page.locator("main .panel").filter(has_text="Take back").locator(".badge")).to_have_text("⚑ fraud")
    where = f"/api/v1/database/transactions/{name}/label"
    assert cloud.call("GET", where)["label"]["label"] == "fraud"
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("Nobody has said yet what it was.")).to_be_visible()
    assert cloud.call("GET", where)["label"] is None


def test_several_are_marked_by_keys_and_labelled_at_once(tab: Open, cloud: Api, seeded: Seeded) -> None:
    here = tab(ANALYST)
    page = here.go("payments?outcome=review&labelled=false")
    names = cells(page, "Transaction")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_text("2 payments marked")).to_be_visible()
    page.get_by_role("button", name="Label genuine").click()
    expect(page.locator("[role=status]").first).to_have_text("2 payments labelled genuine")
    for name in names[:2]:
        assert cloud.call("GET", f"/api/v1/database/transactions/{name}")["label"]["label"] == "genuine"
        cloud.call("DELETE", f"/api/v1/database/transactions/{name}/label")


def test_several_are_marked_and_get_one_verdict(tab: Open, cloud: Api, seeded: Seeded) -> None:
    here = tab(ANALYST)
    page = here.go("payments?outcome=review&labelled=false")
    names = cells(page, "Transaction")[:2]
    for key in "xjx":
        page.keyboard.press(key)
    page.get_by_role("button", name="Decline, fraud").click()
    expect(page.locator("[role=status]").first).to_have_text("2 payments declined")
    for name in names:
        found = cloud.call("GET", f"/api/v1/database/transactions/{name}")
        assert (found["review"]["verdict"], found["label"]["label"]) == ("decline", "fraud")
        cloud.call("DELETE", f"/api/v1/database/reviews/{name}/verdict")
        assert cloud.call("GET", f"/api/v1/database/transactions/{name}")["label"] is None


def test_a_verdict_on_what_needs_none_is_refused_and_said(tab: Open, seeded: Seeded) -> None:
    here = tab(ANALYST)
    page = here.go("payments?outcome=approve")
    page.keyboard.press("x")
    page.get_by_role("button", name="Release, genuine").click()
    expect(page.locator("[role=status]").first).to_contain_text(
        "0 payments released, 1 payment refused: The payment was"
    )


def test_what_is_usual_for_an_account_is_drawn(tab: Open, cloud: Api, seeded: Seeded) -> None:
    """As an own count has it: of the account's other payments the middle eight of ten."""
    amounts = [round(100 + 37.5 * number, 2) for number in range(12)]
    differing = [{"transaction_id": f"usual-{number}", "amount": amount} for number, amount in enumerate(amounts)]
    with copies(cloud, seeded.of("approve")[0], "C-usual", differing) as entries:
        here = tab(ANALYST)
        page = here.go(f"payments/{entries[-1]['transaction_id']}")
        page.get_by_role("button", name="Sender C-usual").click()
        here.settled()
        low, high = amounts[1], amounts[math.floor(0.9 * len(amounts[:-1]))]
        says = f"Usually between {low:,.2f} and {high:,.2f}; this one is {amounts[-1]:,.2f}"
        expect(page.get_by_role("img", name=says)).to_be_visible()
