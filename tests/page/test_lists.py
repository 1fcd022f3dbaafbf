"""Lists that rules ask: made, filled by hand and by a file, and from a payment for thirty days."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import FilePayload, expect

from tests.page.conftest import ADMIN, ANALYST, Api, Open, Seeded

LISTS = "/api/v1/policy/lists"


def entries(cloud: Api, name: str) -> dict[str, dict[str, Any]]:
    """What is on a list, by value."""
    found = cloud.call("GET", f"{LISTS}/{name}/entries")["entries"]
    return {one["value"]: one for one in found}


def test_a_list_is_made_filled_by_hand_and_by_a_file_and_had_as_one(tab: Open, cloud: Api, seeded: Seeded) -> None:
    here = tab(ADMIN)
    page = here.go("lists")
    said = page.locator("[role=status]").first
    page.get_by_label("Name").fill("page_mules")
    page.get_by_label("What it is for").fill("Took <b>stolen</b> money")
    page.get_by_role("button", name="Make it").click()
    expect(said).to_contain_text("The list page_mules is there")
    page.get_by_role("link", name="page_mules").click()
    expect(page.locator("main")).to_contain_text("Nothing is on the list")
    page.get_by_label("Value", exact=True).fill("C-mule-1")
    page.get_by_label("Note", exact=True).fill("Told by the bank")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(said).to_contain_text("C-mule-1 is on page_mules")
    content = b'value,note,expires_at\nC-mule-2,"by, file",\nC-mule-3,,2020-01-01T00:00:00Z\n'
    file = FilePayload(name="mules.csv", mimeType="text/csv", buffer=content)
    page.locator("input[type=file]").set_input_files(file)
    expect(said).to_contain_text("1 value added, 0 there before, 1 line refused: line 3")
    expect(page.get_by_role("table", name="Entries of page_mules")).to_contain_text("by, file")
    assert entries(cloud, "page_mules").keys() == {"C-mule-1", "C-mule-2"}
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Export as CSV").click()
    rows = list(csv.DictReader(io.StringIO(downloading.value.path().read_text())))
    assert {row["value"]: row["note"] for row in rows} == {"C-mule-1": "Told by the bank", "C-mule-2": "by, file"}
    page.get_by_label("Exactly this value").fill("C-mule-1")
    page.get_by_label("Exactly this value").press("Enter")
    here.settled()
    assert page.locator("main td[data-title=Value]").all_inner_texts() == ["C-mule-1"]
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("button", name="Yes").click()
    expect(said).to_contain_text("C-mule-1 has left page_mules")
    assert entries(cloud, "page_mules").keys() == {"C-mule-2"}


@pytest.fixture
def accounts(cloud: Api) -> str:
    """A list of accounts, beside one of other things."""
    cloud.call("PUT", f"{LISTS}/page_accounts", {"kind": "account", "description": "To be blocked"})
    cloud.call("PUT", f"{LISTS}/page_texts", {"kind": "text", "description": "Of any kind"})
    return "page_accounts"


def test_from_a_payment_its_account_is_blocked_for_thirty_days(
    tab: Open, cloud: Api, seeded: Seeded, accounts: str
) -> None:
    payment = seeded.of("block")[0]
    here = tab(ANALYST)
    page = here.go(f"payments/{payment['transaction_id']}")
    page.get_by_role("button", name="Block or trust by a list").click()
    page.get_by_role("combobox", name="What").select_option(label=f"Receiver {payment['nameDest']}")
    expect(page.get_by_role("link", name="page_texts")).to_have_count(0)  # it holds other things
    page.get_by_role("listitem").filter(has_text=accounts).get_by_role("button", name="Add for 30 days").click()
    said = page.locator("[role=status]").first
    expect(said).to_contain_text(f"{payment['nameDest']} is on {accounts} for 30 days")
    found = entries(cloud, accounts)[payment["nameDest"]]
    left = datetime.fromisoformat(found["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=29) < left <= timedelta(days=30)
    assert found["note"] == f"Payment {payment['transaction_id']}"
    expect(here.go(f"entity/account/{payment['nameDest']}").locator("main")).to_contain_text(f"On lists{accounts}")
    cloud.call("DELETE", f"{LISTS}/{accounts}/entries/{payment['nameDest']}")
