"""Try it, Files, System and Search, on what was stored."""

import csv
import io
import json
import re
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Route, expect

from tests.page.conftest import ADMIN, ANALYST, SCORE, WEEKS_AGO, Api, Open, Seeded

HEAD = "transaction_id,step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest"
ROWS = (
    "file-1,1,TRANSFER,79099.72,C1000092175,79099.72,0,C1000061976,5105.9,84205.62",
    "file-2,1,PAYMENT,100,C1,500,400,M1,0,0",
    "file-3,1,PAYMENT,abc,C1,500,400,M1,0,0",
)
TEMPLATE = Path(__file__).parents[2] / "template.yaml"
LOGGED: dict[str, Any] = {
    **{"id": "1", "timestamp": "2026-11-24T03:38:26.309289Z", "level": "WARNING", "service": "database"},
    **{"message": "store unavailable, breaker open", "location": "x:1", "request_id": "r-1"},
    **{"function_request_id": "f-1", "details": {"seconds": 5}},
}


@pytest.mark.parametrize("outcome", ["approve", "review", "block"])
def test_each_example_is_decided_as_it_says_and_nothing_is_kept(tab: Open, cloud: Api, outcome: str) -> None:
    here = tab(ANALYST)
    page = here.go("try")
    page.get_by_role("button", name=f"An example to {outcome}").click()
    page.get_by_role("button", name="Decide").click()
    answer = page.get_by_label("The answer")
    expect(answer.locator(".badge").first).to_contain_text(outcome)
    expect(answer).to_contain_text("nothing was kept")
    expect(answer.locator(".waterfall figcaption")).to_contain_text("add up to the margin exactly")


def test_form_and_json_are_the_same_payment(tab: Open, cloud: Api) -> None:
    here = tab(ANALYST)
    page = here.go("try")
    page.get_by_label("Amount").fill("12.5")
    page.get_by_label("Amount").press("Tab")
    box = page.get_by_label("The same as JSON")
    assert json.loads(box.input_value())["amount"] == 12.5
    box.fill(box.input_value().replace("12.5", "13.5"))
    expect(page.get_by_label("Amount")).to_have_value("13.5")
    box.fill("{")
    expect(page.locator(".fault")).to_contain_text("This is no JSON")
    expect(page.get_by_role("button", name="Decide")).to_be_disabled()


def test_a_fault_in_a_payment_names_the_field(tab: Open) -> None:
    page = tab(ANALYST).go("try")
    box = page.get_by_label("The same as JSON")
    box.fill(box.input_value().replace('"TRANSFER"', '"SWAP"'))
    page.get_by_role("button", name="Decide").click()
    expect(page.locator(".fault")).to_contain_text("/type")


def test_a_file_that_is_dropped_is_scored_and_its_results_are_had(tab: Open, cloud: Api, tmp_path: Path) -> None:
    here = tab(ANALYST)
    page = here.go("files")
    transfer = page.evaluate_handle(
        """text => { const held = new DataTransfer();
        held.items.add(new File([text], "march <b>.csv", {type: "text/csv"})); return held; }""",
        "\n".join([HEAD, *ROWS, ""]),
    )
    page.locator(".drop").first.dispatch_event("drop", {"dataTransfer": transfer})
    expect(page.locator(".headline h1")).to_have_text("march-b-.csv")
    look = page.get_by_role("button", name="Look again")
    for _ in range(60):
        if "completed" in page.locator(".headline").inner_text():
            break
        look.click()
        here.settled()
    summary = page.locator(".panel", has=page.get_by_role("heading", name="Summary"))
    expect(page.locator(".headline .badge")).to_have_text("✓ completed")
    values = dict(re.findall(r"(Rows|Scored|Refused)\n(\d+)", summary.inner_text()))
    assert values == {"Rows": "3", "Scored": "2", "Refused": "1"}
    assert [row["transaction_id"] for row in linked(page, "Results")] == ["file-1", "file-2"]
    assert [row["field"] for row in linked(page, "Refused rows")] == ["amount"]
    expect(page.get_by_role("table", name="Flagged rows")).to_contain_text("file-1")


def linked(page: Any, name: str) -> list[dict[str, str]]:
    """The rows of the CSV behind a link."""
    url = page.get_by_text(name, exact=True).locator("xpath=ancestor-or-self::a").get_attribute("href")
    with urllib.request.urlopen(url, timeout=60) as response:
        return list(csv.DictReader(io.StringIO(response.read().decode())))


def test_chargebacks_are_shown_before_they_count(tab: Open, cloud: Api, seeded: Seeded, tmp_path: Path) -> None:
    name, other = (one["transaction_id"] for one in seeded.of("block")[:2])
    where = f"/api/v1/database/transactions/{name}"
    cloud.call("PUT", f"/api/v1/database/transactions/{other}/label", {"label": "genuine", "source": "analyst"})
    file = tmp_path / "chargebacks.csv"
    said = {name: "fraud", "nobody": "fraud", other: "fraud", "sim-1": "perhaps"}
    lines = ["transaction_id,label,source", *(f"{one},{label},chargeback" for one, label in said.items()), ""]
    file.write_text("\n".join(lines))
    page = tab(ANALYST).go("files")
    page.locator("input[type=file]").last.set_input_files(str(file))
    shown = page.get_by_label("What the file would do")
    expect(shown).to_contain_text("4 lines. Nothing of it counts yet.")
    facts = dict(pair.split("\n") for pair in shown.locator(".facts div").all_inner_texts())
    assert facts == {"Matched": "2", "Said so before": "0", "Contradicting": "1", "Unknown": "1", "Not readable": "1"}
    contradicting = shown.get_by_role("table", name="Contradicting lines").locator("tbody tr")
    assert [row.split("\t") for row in contradicting.all_inner_texts()] == [["4", other, "⚑ fraud", "✓ genuine"]]
    expect(shown.get_by_role("table", name="Refused lines")).to_contain_text("nobody")
    expect(shown.get_by_role("table", name="Refused lines")).to_contain_text("label: ")
    assert cloud.call("GET", where)["label"] is None
    page.get_by_role("button", name="Label them").click()
    expect(page.get_by_text("2 payments labelled, 0 said so before, 2 refused.")).to_be_visible()
    assert cloud.call("GET", where)["label"]["label"] == "fraud"
    cloud.call("DELETE", f"{where}/label")
    for _ in range(2):
        cloud.call("DELETE", f"/api/v1/database/transactions/{other}/label")


def test_each_part_of_the_system_is_shown(tab: Open, cloud: Api, seeded: Seeded) -> None:
    here = tab(ADMIN)
    page = here.go("system")
    shown = set(cloud.call("GET", "/services/status")["services"])
    assert set(page.locator("main td[data-title=Service]").all_inner_texts()) == shown
    info = cloud.call("GET", "/api/v1/model/model/info")
    expect(here.go("system/model").locator("main")).to_contain_text(info["sha256"])
    expect(here.go("system/types").locator("main")).to_contain_text("oldbalanceOrg")
    expect(here.go("system/usage").locator("main")).to_contain_text("/api/v1/score")
    for part in ("alarms", "mails", "logs", "policy", "subscribers", "audit"):
        page = here.go(f"system/{part}")
        expect(page.locator("main .fault")).to_have_count(0)
        expect(page.locator("main nav a[aria-current=page]")).to_have_count(1)


def test_an_alarm_leads_to_what_to_do_about_it(tab: Open, cloud: Api) -> None:
    here = tab(SCORE)
    page = here.go("runbook/DeadLetters")
    expect(page.get_by_role("heading", name="When an alarm goes off")).to_be_visible()
    asked = page.get_by_label("DeadLetters", exact=True)
    expect(asked).to_contain_text("critical")
    asked.get_by_role("link", name="find out what and why").click()
    expect(page.get_by_role("heading", name="Dead letters")).to_be_focused()
    written = set(re.findall(r"`([A-Z][A-Za-z]+)`", page.locator("main").inner_text()))
    assert not written  # what is code is drawn as code
    drawn = set(page.locator("main table").first.locator("td:first-child code").all_inner_texts())
    assert drawn >= set(re.findall(r"AlarmName: !Sub fraudshield-\$\{Stage\}-(\w+)", TEMPLATE.read_text()))
    expect(here.go("runbook/Nonsense").locator("main")).to_contain_text("The runbook has no such alarm")


def test_thresholds_become_the_next_version_and_stand_in_the_audit(tab: Open, cloud: Api, seeded: Seeded) -> None:
    here = tab(ADMIN)
    page = here.go("system/policy")
    before = cloud.call("GET", "/api/v1/model/policy")
    page.get_by_role("spinbutton", name="Block from").fill("0.45")
    page.get_by_label("Note: why").fill("<b>fewer</b> blocks")
    page.get_by_role("button", name="Put it in force").click()
    said = page.locator("[role=status]").first
    expect(said).to_contain_text("is in force")
    version = int(said.inner_text().split()[1])
    assert version > before["version"]
    expect(page.get_by_role("heading", name=f"In force: version {version}")).to_be_visible()
    expect(page.locator("main")).to_contain_text("<b>fewer</b> blocks")
    expect(here.go("system/audit").get_by_role("table")).to_contain_text("Policy")


def test_search_finds_a_payment_an_account_and_says_where_it_looked(tab: Open, seeded: Seeded) -> None:
    here = tab(ANALYST)
    page = here.go("payments")
    page.keyboard.press("/")
    page.keyboard.type("sim-348")
    page.keyboard.press("Enter")
    here.settled()
    expect(page.locator("main a.id").first).to_have_text("sim-348")
    account = seeded.of("block")[0]["nameOrig"]
    page = here.go(f"search?q={account}")
    expect(page.get_by_role("heading", name=f"Payments of {account}")).to_be_visible()
    page = here.go("search?q=nothing-of-that-name")
    expect(page.locator("main")).to_contain_text(
        "Looked in: transaction ids, accounts and entities, requests in the logs"
    )
    page = here.go(f"search?q=job-{'0' * 32}")
    expect(page.locator("main")).to_contain_text("Looked in: transaction ids, files, accounts and entities.")


def test_a_device_is_found_by_its_value_alone(tab: Open, cloud: Api, seeded: Seeded) -> None:
    """Where nothing is called so otherwise it is looked for among the things that event types name."""
    fields = {"device_id": {"kind": "text", "entity": "device"}}
    cloud.call("POST", "/api/v1/policy/event-types", {"name": "page_payment", "extends": "payment", "fields": fields})
    then = (datetime.now(UTC) - WEEKS_AGO).strftime("%Y-%m-%dT%H:%M:%SZ")
    sent = {**seeded.sent[0], "transaction_id": "of-a-device", "device_id": "d-page-1", "occurred_at": then}
    cloud.call("POST", "/api/v1/score", {"event_type": "page_payment", "transactions": [sent]})
    here = tab(ANALYST)
    page = here.go("search?q=d-page-1")
    expect(page.locator("main")).to_contain_text("Nothing is called exactly that")
    page.get_by_role("button", name="Look among devices, cards and other things").click()
    expect(page.get_by_role("link", name="device:d-page-1")).to_be_visible()
    page.get_by_role("link", name="device:d-page-1").click()
    here.settled()
    expect(page.locator("main h1")).to_have_text("d-page-1")
    page = here.go("search?q=nobody-has-this")
    page.get_by_role("button", name="Look among devices, cards and other things").click()
    expect(page.locator("main")).to_contain_text("Looked among: device. Nothing there.")


def test_the_audit_log_is_narrowed_and_had_as_a_file(tab: Open, cloud: Api, seeded: Seeded) -> None:
    where = f"/api/v1/database/transactions/{seeded.sent[0]['transaction_id']}/label"
    for method, body in (("PUT", {"label": "genuine", "source": "analyst"}), ("DELETE", None)):
        cloud.call(method, where, body)
    here = tab(ADMIN)
    page = here.go("system/audit")
    page.get_by_role("combobox", name="Kind").select_option("label")
    here.settled()
    assert "kind=label" in page.url
    rows = page.locator("main td[data-title=What]").all_inner_texts()
    assert set(rows) == {"Label recorded", "Label taken back"}
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Export as CSV").click()
    file = list(csv.DictReader(io.StringIO(downloading.value.path().read_text())))
    assert len(file) == len(rows)
    assert {row["kind"] for row in file} == {"label"}


def test_a_request_is_found_in_the_logs_by_its_id(tab: Open, seeded: Seeded) -> None:
    """The API is asked for it: its entry may be older than the newest two hundred."""
    here = tab(ANALYST)
    asked: list[dict[str, list[str]]] = []

    def logged(route: Route) -> None:
        given = parse_qs(urlsplit(route.request.url).query)
        asked.append(given)
        mine = given.get("request_id") == [LOGGED["request_id"]] and "cursor" in given
        cursor = None if "cursor" in given else "further"
        route.fulfill(json={"logs": [LOGGED] * mine, "count": int(mine), "limit": 100, "next_cursor": cursor})

    here.page.route("**/api/v1/database/logs*", logged)
    page = here.go("system/logs")
    page.get_by_label("Request id").fill(LOGGED["request_id"])
    page.get_by_label("Request id").press("Enter")
    expect(page.locator("main")).to_contain_text("None among those looked at so far")
    page.get_by_role("button", name="Look further back").click()
    expect(page.locator("main td[data-title=Message]")).to_contain_text("store unavailable, breaker open")
    assert [one.get("request_id") for one in asked] == [None, ["r-1"], ["r-1"]]
    assert len({one["since"][0] for one in asked[1:]}) == 1
    here.go(f"search?q={LOGGED['request_id']}")
    assert asked[-1]["request_id"] == ["r-1"]
    expect(page.locator("main")).to_contain_text("requests in the logs of the last day")


def test_a_link_of_a_mail_leads_to_its_payment(tab: Open, seeded: Seeded) -> None:
    page = tab(ANALYST).go("transactions/sim-348")
    expect(page.locator("h1")).to_have_text("sim-348")
