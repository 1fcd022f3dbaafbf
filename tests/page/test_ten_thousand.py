"""10,000 payments in the queue: as many rows, calls and reads as with 1,000; what it takes is measured and printed."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.page.conftest import ANALYST, FIGURES, Apart, Open, examples, scored
from tests.page.engine import Reads

pytestmark = pytest.mark.long

FEW, MANY = 1_000, 10_000
SENT = 240  # one of them is to be reviewed
SHARDS = 10  # into which a day's payments are spread
DAYS = 2
WAITING, PAGE = 25, 100  # rows beside the held review, and of a page of the list
QUEUE_CALLS, LIST_CALLS = 3, 1
NODES = 1_500  # elements of the queue; a row of the list has some forty
WATCH = """
globalThis.longTasks = [];
new PerformanceObserver(list => longTasks.push(...list.getEntries().map(one => one.duration)))
  .observe({type: 'longtask', buffered: true});
"""
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


@pytest.fixture(scope="module")
def template(apart: Apart) -> dict[str, Any]:
    """A payment that was decided to be reviewed, as it is stored."""
    entries = scored(apart.api, examples()[:SENT])
    entry = next(one for one in entries if one["decision"] == "review")
    table = apart.engine.table("Transactions")
    asked = {
        "TableName": table,
        "Key": {"transaction_id": {"S": entry["transaction_id"]}, "record": {"S": "transaction"}},
    }
    item: dict[str, Any] = apart.engine.ask("GetItem", asked)["Item"]
    return item


def waiting(template: dict[str, Any], first: int, last: int) -> list[dict[str, Any]]:
    """Copies of it by as many senders, a second apart, each dearer than the one before."""
    begun = datetime.now(UTC) - timedelta(seconds=MANY)
    made = []
    for number in range(first, last):
        at = begun + timedelta(seconds=number)
        own = {
            "transaction_id": {"S": f"wait-{number}"},
            "nameOrig": {"S": f"C{number}"},
            "amount": {"N": str(100 + number)},
            "expected_loss": {"N": str(1_000_000 + number)},
            "occurred_at": {"S": at.strftime("%Y-%m-%dT%H:%M:%S.000000Z")},
            "day_shard": {"S": f"{at:%Y-%m-%d}#{number % SHARDS}"},
        }
        made.append(template | own)
    return made


class Opened:
    """A tab of that cloud, and what it asks."""

    def __init__(self, apart: Apart, tab: Open) -> None:
        self.here = tab(ANALYST, base=apart.api.page)
        self.page: Page = self.here.page
        self.calls: list[str] = []
        self.engine = apart.engine
        self.page.add_init_script(WATCH)
        self.page.on("request", lambda request: self.calls.append(request.url) if "/api/" in request.url else None)

    def measured(self, act: Callable[[], object]) -> tuple[int, Reads]:
        """How many calls `act` takes, and what they read."""
        before = len(self.calls)
        reads = self.engine.read_by(act)
        return len(self.calls) - before, reads


@pytest.fixture
def opened(apart: Apart, tab: Open) -> Opened:
    return Opened(apart, tab)


def fresh(opened: Opened, route: str) -> None:
    """Opens a route as somebody does who comes from elsewhere."""
    opened.page.goto("about:blank")
    opened.here.go(route)


def test_the_queue_and_the_list_cost_no_more_with_ten_thousand_waiting(
    apart: Apart, opened: Opened, template: dict[str, Any]
) -> None:
    table = apart.engine.table("Transactions")
    apart.engine.put_all(table, waiting(template, 0, FEW))
    costs: dict[int, list[tuple[int, Reads]]] = {}
    for number in (FEW, MANY):
        if number == MANY:
            apart.engine.put_all(table, waiting(template, FEW, MANY))
        fresh(opened, "payments")  # what is remembered for a minute is known now
        costs[number] = [queue(opened, number), payments(opened, number)]
    (calls, reads), (list_calls, list_reads) = costs[MANY]
    assert (calls, list_calls) == (QUEUE_CALLS, LIST_CALLS)
    assert reads == costs[FEW][0][1]
    assert list_reads.rows <= DAYS * SHARDS * PAGE  # a page of each part of a day; two days where it is early


def queue(opened: Opened, number: int) -> tuple[int, Reads]:
    cost = opened.measured(lambda: fresh(opened, "queue"))
    page = opened.page
    expect(page.locator("main .headline a.id")).to_have_text(f"wait-{number - 1}")
    expect(page.locator(".left")).to_contain_text("+ left")
    assert page.locator("main .list tbody tr").count() == WAITING
    assert page.evaluate("document.querySelectorAll('*').length") < NODES
    noted(page, f"Queue with {number:,} waiting", cost)
    given_back = page.expect_response(lambda response: response.request.method == "DELETE")
    with given_back:  # to the next who asks
        page.evaluate("location.hash = '#/payments'")
    opened.here.settled()
    return cost


def payments(opened: Opened, number: int) -> tuple[int, Reads]:
    cost = opened.measured(lambda: fresh(opened, "payments?outcome=review"))
    assert opened.page.locator("main .list tbody tr").count() == PAGE
    noted(opened.page, f"Payments with {number:,} waiting", cost)
    return cost


def noted(page: Page, what: str, cost: tuple[int, Reads]) -> None:
    calls, reads = cost
    painted, tasks = page.evaluate(PAINTED), page.evaluate("longTasks")
    slowest = f", the longest {max(tasks):.0f} ms" if tasks else ""
    FIGURES.append(
        f"{what}: {calls} calls, {reads.calls} reads of {reads.rows} rows; first content after {painted:.0f} ms, "
        f"{len(tasks)} long tasks{slowest}"
    )


def test_a_list_that_is_walked_through_draws_500_rows_at_most(opened: Opened) -> None:
    fresh(opened, "payments?outcome=review")
    page = opened.page
    rows = page.locator("main .list tbody tr")
    for shown in (200, 300, 400, 500, 500, 500):
        page.get_by_role("button", name="Show more").click()
        opened.here.settled()
        expect(rows).to_have_count(shown)
    expect(page.locator(".totals")).to_contain_text("700+ payments so far")
    expect(page.locator("main")).to_contain_text("Rows 201 to 700 of 700 that are loaded")
    first = rows.first.locator("td[data-title=Transaction]").inner_text()
    page.get_by_role("button", name="Those before").click()
    expect(page.locator("main")).to_contain_text("Rows 1 to 500 of 700")
    assert rows.nth(200).locator("td[data-title=Transaction]").inner_text() == first
    page.get_by_role("button", name="Those after").click()
    expect(page.locator("main")).to_contain_text("Rows 201 to 700 of 700")
    noted(page, "Payments walked through to 700", (len(opened.calls), Reads()))
    assert json.dumps(opened.calls).count("cursor=") == 6
