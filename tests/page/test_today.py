"""The figures of Today are those of an own count, and an empty store offers ways to fill it."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import quote

from playwright.sync_api import Route, expect

from tests.page.conftest import ANALYST, Api, Open, Seeded


def by_days(cloud: Api) -> dict[str, int]:
    """How many payments happened on each of the last seven days, by the list: other tests send some too, and files."""
    first = (datetime.now(UTC) - timedelta(days=6)).date().isoformat()
    counted: Counter[str] = Counter()
    cursor = ""
    while cursor is not None:
        more = f"&cursor={quote(cursor)}" if cursor else ""
        page = cloud.call("GET", f"/api/v1/database/transactions?limit=1000{more}")
        counted.update(one["occurred_at"][:10] for one in page["transactions"] if one["source"] != "batch")
        cursor = page["next_cursor"]
    return {day: number for day, number in counted.items() if day >= first}


def test_the_figures_are_those_of_an_own_count(tab: Open, cloud: Api, seeded: Seeded) -> None:
    here = tab(ANALYST)
    page = here.go("today?days=7")
    total = sum(by_days(cloud).values())
    assert total >= len(seeded.sent)
    figures = page.locator(".figures")
    expect(figures).to_contain_text(f"{total:,}")
    expect(figures).to_contain_text(f"{len(seeded.of('review')) / total * 100:.2f} %")
    expect(figures).to_contain_text(f"{len(seeded.of('block')) / total * 100:.2f} %")
    stopped = sum(Decimal(str(one["amount"])) for one in seeded.of("block"))
    expect(figures).to_contain_text(f"{stopped:,.2f}")
    expect(page.locator("main .facts").last).to_contain_text("Dead letters")


def test_the_table_behind_a_chart_has_its_numbers(tab: Open, cloud: Api, seeded: Seeded) -> None:
    page = tab(ANALYST).go("today?days=7")
    page.locator("figure.wide summary").click()
    rows = [row.split("\t") for row in page.locator("figure.wide tbody tr").all_inner_texts()]
    by_day = {day: int(number.replace(",", "")) for day, number, *_ in rows}
    assert {day: number for day, number in by_day.items() if number} == by_days(cloud)


def test_by_hour_review_and_block_are_told_apart_in_number_and_in_money(tab: Open, seeded: Seeded) -> None:
    page = tab(ANALYST).go("today?days=7&by=hour")
    chart = page.locator("figure.wide")
    chart.locator("summary").click()
    assert chart.locator("thead th").all_inner_texts() == ["When", "All", "Review", "Block"]
    rows = [row.split("\t") for row in chart.locator("tbody tr").all_inner_texts()]
    reviewed, blocked = (sum(int(row[at]) for row in rows) for at in (2, 3))
    assert (reviewed, blocked) == (len(seeded.of("review")), len(seeded.of("block")))
    page.get_by_role("combobox", name="As").select_option("money")
    expect(chart.locator("svg")).to_have_attribute("aria-label", "Payments by hour of the day, UTC")
    expect(chart.locator("thead th").last).to_have_text("Block")


def test_hours_that_were_counted_as_one_figure_are_said_to_be(tab: Open, seeded: Seeded) -> None:
    here = tab(ANALYST)

    def of_before(route: Route) -> None:
        answer = route.fetch()
        found = answer.json()
        unknown = dict.fromkeys(("reviewed", "blocked", "amount_reviewed", "amount_blocked"))
        found["fraud_trends"]["hours"] = [one | unknown for one in found["fraud_trends"]["hours"]]
        route.fulfill(response=answer, json=found)

    here.page.route("**/dashboard-summary*", of_before)
    chart = here.go("today?days=7&by=hour").locator("figure.wide")
    expect(chart.locator("figcaption")).to_contain_text("do not tell review and block apart by hour")
    chart.locator("summary").click()
    assert chart.locator("thead th").all_inner_texts() == ["When", "All", "Review or block"]
    rows = [row.split("\t") for row in chart.locator("tbody tr").all_inner_texts()]
    assert sum(int(flagged) for _, _, flagged in rows) == len(seeded.of("review", "block"))


def test_figures_of_one_category_alone(tab: Open, cloud: Api, seeded: Seeded) -> None:
    page = tab(ANALYST).go("today?days=7")
    page.get_by_role("combobox", name="Of").focus()
    page.get_by_role("combobox", name="Of").select_option("payment/type/TRANSFER")
    told = cloud.call("GET", "/api/v1/analytics/fraud-trends?days=7&type=TRANSFER")["total"]["transactions"]
    assert 0 < told < len(seeded.sent)
    expect(page.locator(".figures")).to_contain_text(f"{told:,}")
    assert "of=payment%2Ftype%2FTRANSFER" in page.url


def test_an_empty_store_shows_three_ways_to_fill_it(tab: Open, seeded: Seeded) -> None:
    here = tab(ANALYST)

    def emptied(route: Route) -> None:
        answer = route.fetch()
        found = answer.json()
        found["fraud_trends"]["total"]["transactions"] = found["fraud_trends"]["before"]["transactions"] = 0
        route.fulfill(response=answer, json=found)

    here.page.route("**/dashboard-summary*", emptied)
    page = here.go("today")
    expect(page.get_by_role("link", name="drop a CSV")).to_be_visible()
    expect(page.get_by_role("button", name="Copy the curl")).to_be_visible()
    sent: list[str] = []

    def decided(route: Route) -> None:
        sent.extend(one["transaction_id"] for one in route.request.post_data_json["transactions"])
        route.fulfill(json={"results": []})

    here.page.route("**/api/v1/score", decided)
    page.get_by_role("button", name="Score 1,200 example payments").click()
    expect(page.get_by_role("button", name="They are decided")).to_be_visible()
    assert len(set(sent)) == len(sent) == 1200
