"""Try it, Files, System and Search, on what was stored."""

import csv
import io
import json
import re
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.page.conftest import ADMIN, ANALYST, Api, Open, Seeded

HEAD = "transaction_id,step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest"
ROWS = (
    "file-1,1,TRANSFER,55102.07,C704,55102.07,0,C1000019274,1172.09,56274.16",
    "file-2,1,PAYMENT,100,C1,500,400,M1,0,0",
    "file-3,1,PAYMENT,abc,C1,500,400,M1,0,0",
)


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
    with urllib.request.urlopen(url, timeout=30) as response:
        return list(csv.DictReader(io.StringIO(response.read().decode())))


def test_chargebacks_are_shown_before_they_count(tab: Open, cloud: Api, seeded: Seeded, tmp_path: Path) -> None:
    name = seeded.of("block")[0]["transaction_id"]
    file = tmp_path / "chargebacks.csv"
    file.write_text(f"transaction_id,label,source\n{name},fraud,chargeback\nnobody,fraud,chargeback\n")
    page = tab(ANALYST).go("files")
    page.locator("input[type=file]").last.set_input_files(str(file))
    expect(page.get_by_text("2 lines")).to_be_visible()
    assert cloud.call("GET", f"/api/v1/database/transactions/{name}")["label"] is None
    page.get_by_role("button", name="Label them").click()
    expect(page.get_by_role("table", name="Refused lines")).to_contain_text("nobody")
    where = f"/api/v1/database/transactions/{name}"
    assert cloud.call("GET", where)["label"]["label"] == "fraud"
    cloud.call("DELETE", f"{where}/label")


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


def test_thresholds_become_the_next_version_and_stand_in_the_audit(tab: Open, cloud: Api, seeded: Seeded) -> None:
    here = tab(ADMIN)
    page = here.go("system/policy")
    before = cloud.call("GET", "/api/v1/model/policy")
    page.get_by_role("spinbutton", name="Block from").fill("0.45")
    page.get_by_label("Note: why").fill("<b>fewer</b> blocks")
    page.get_by_role("button", name="Put it in force").click()
    expect(page.locator("[role=status]").first).to_contain_text(f"Version {before['version'] + 1} is in force")
    expect(page.get_by_role("heading", name=f"In force: version {before['version'] + 1}")).to_be_visible()
    expect(page.locator("main")).to_contain_text("<b>fewer</b> blocks")
    expect(here.go("system/audit").get_by_role("table")).to_contain_text("Policy")


def test_search_finds_a_payment_an_account_and_says_where_it_looked(tab: Open, seeded: Seeded) -> None:
    here = tab(ANALYST)
    page = here.go("payments")
    page.keyboard.press("/")
    page.keyboard.type("sim-493")
    page.keyboard.press("Enter")
    here.settled()
    expect(page.locator("main a.id").first).to_have_text("sim-493")
    account = seeded.of("block")[0]["nameOrig"]
    page = here.go(f"search?q={account}")
    expect(page.get_by_role("heading", name=f"Payments of {account}")).to_be_visible()
    page = here.go("search?q=nothing-of-that-name")
    expect(page.locator("main")).to_contain_text("Looked in: transaction ids, files, accounts and entities.")


def test_a_link_of_a_mail_leads_to_its_payment(tab: Open, seeded: Seeded) -> None:
    page = tab(ANALYST).go("transactions/sim-493")
    expect(page.locator("h1")).to_have_text("sim-493")
